import { LoadClient } from '../harness/load.ts';
import { OpenLoop } from './open-loop.ts';
import { type Row, seconds } from './row.ts';

/** Ten places of 20 ms each. */
const PATH = '/limited?ms=20';
const TIMES = 5;
const SECONDS = 8;

export const overload: readonly Row[] = [
  {
    number: 10,
    fault: `overload, open loop at ${TIMES}× capacity`,
    demand: 'goodput ≥ 70 % of capacity, everything else refused explicitly',
    async run(stage) {
      const pod = await stage.startedPod();
      const closed = new LoadClient(pod.url, { method: 'POST', path: PATH, connections: 10, onRefused: 'retry' });
      await seconds(1);
      const before = closed.answers.length;
      await seconds(3);
      const capacity = (closed.answers.length - before) / 3;
      await closed.stop();

      const client = new OpenLoop({ url: pod.url, path: PATH, rate: capacity * TIMES, maxSockets: 4_096 });
      await seconds(2); // the line is full
      const from = client.good;
      const startedAt = performance.now();
      await seconds(SECONDS);
      const goodput = (client.good - from) / ((performance.now() - startedAt) / 1_000);
      const sent = client.sent;
      await client.stop();
      const share = goodput / capacity;
      const note = `${goodput.toFixed(0)}/s good of ${capacity.toFixed(0)}/s (${(share * 100).toFixed(0)} %) while ${sent} were sent`;
      const refused = (status: number, reason: string): boolean => status === 503 && reason === 'overloaded';
      return stage.reconcile(client, refused, note, share >= 0.7);
    },
  },
];
