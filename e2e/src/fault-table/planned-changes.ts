import { LoadClient } from '../harness/load.ts';
import { Balancer } from './balancer.ts';
import { OpenLoop } from './open-loop.ts';
import { type Row, seconds, type Stage } from './row.ts';

/** How long a balancer goes on with a pod that is on its way out. */
const PROPAGATION_ARGS = ['--drain-propagation-ms', '3000'];
const LAG_SEC = 2;
const NEVER = (): boolean => false;

async function balanced(stage: Stage, pods: number) {
  const balancer = new Balancer();
  stage.onEnd(() => balancer.close());
  const url = await balancer.listen();
  const started = await Promise.all(
    Array.from({ length: pods }, () => stage.startedPod({ sidecarArgs: PROPAGATION_ARGS })),
  );
  for (const { port } of started) balancer.add(port);
  return { balancer, url, pods: started };
}

type StartedPod = Awaited<ReturnType<Stage['startedPod']>>;

/** What Kubernetes does to a pod: both hooks at once, endpoints some time later, signals when the hooks are done. */
async function terminate(pod: StartedPod, balancer: Balancer, lagSec: number): Promise<void> {
  const hooks = Promise.all([pod.admin('/drain'), pod.admin('/wait-drained')]);
  await seconds(lagSec);
  balancer.remove(pod.port);
  await hooks;
  pod.runtime.kill('SIGTERM');
  await pod.runtime.exit();
  pod.sidecar.kill('SIGTERM');
  await pod.sidecar.exit();
}

/** Requests a second that the pods answer when asked as fast as possible. */
async function capacityOf(url: string): Promise<number> {
  const client = new LoadClient(url, { method: 'POST', path: '/work', connections: 32, onRefused: 'retry' });
  await seconds(1);
  const before = client.answers.length;
  await seconds(3);
  const perSecond = (client.answers.length - before) / 3;
  await client.stop();
  return perSecond;
}

export const plannedChanges: readonly Row[] = [
  {
    number: 1,
    fault: 'rolling update under 70 % load',
    demand: '0 errors of 20,000 requests',
    async run(stage) {
      const { balancer, url, pods } = await balanced(stage, 2);
      const capacity = await capacityOf(url);
      const rate = Math.floor(capacity * 0.7);
      const client = new OpenLoop({ url, path: '/work', rate });
      for (const pod of pods) {
        const next = await stage.startedPod({ sidecarArgs: PROPAGATION_ARGS });
        balancer.add(next.port);
        await terminate(pod, balancer, LAG_SEC);
      }
      while (client.sent < 20_000) await seconds(0.05);
      await client.stop();
      return stage.reconcile(client, NEVER, `${rate}/s of ${Math.round(capacity)}/s, both pods replaced`);
    },
  },
  {
    number: 2,
    fault: 'scale-down during a 25 s request',
    demand: 'it completes',
    async run(stage) {
      const { balancer, url, pods } = await balanced(stage, 2);
      const client = new OpenLoop({ url, path: '/work?ms=25000', rate: 4, maxSockets: 16 });
      while (client.sent < 4) await seconds(0.05);
      const [pod] = pods;
      if (!pod) throw new Error('no pod');
      const stopped = client.stop();
      await terminate(pod, balancer, LAG_SEC);
      await stopped;
      return stage.reconcile(client, NEVER, 'requests of 25 s on both pods, one pod leaves');
    },
  },
  {
    number: 3,
    fault: 'endpoint removal lags 10 s',
    demand: '0 refused',
    async run(stage) {
      const balancer = new Balancer();
      stage.onEnd(() => balancer.close());
      const url = await balancer.listen();
      const pods = [await stage.startedPod(), await stage.startedPod()]; // the default propagation: 15 s
      for (const { port } of pods) balancer.add(port);
      // Connections are not kept: each request is a new one, and half of them go to the pod that leaves.
      const client = new OpenLoop({ url, path: '/work', rate: 100 });
      await seconds(1);
      const [pod] = pods;
      if (!pod) throw new Error('no pod');
      await terminate(pod, balancer, 10);
      await client.stop();
      return stage.reconcile(client, NEVER, 'the balancer learns 10 s late');
    },
  },
];
