import { afterEach, expect, it } from 'vitest';
import { TestPod } from '../harness/pod.ts';
import { runClients } from './clients/client-order.ts';

/** With the usual number of places, 200, and a thousand that may wait, what came at once beyond 1,200 was refused. */
const CONNECTIONS = 4_000;

let pod: TestPod | undefined;
afterEach(() => pod?.end());

it('thousands of clients that ask again as soon as they have their answer are all answered', async () => {
  pod = await TestPod.start({ project: 'scale' });
  const { port } = pod;
  await runClients({ kind: 'ask', port, path: '/few', connections: CONNECTIONS, requests: 3 });
  const metrics = await (await pod.admin('/metrics')).text();
  expect(/^bottle_waiting\{function="few"\} (\S+)$/m.exec(metrics)?.[1]).toBe('0');
});
