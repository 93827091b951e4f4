// Schedules while the Redis by which their pods agree is killed, or stops answering.
import { setTimeout as delay } from 'node:timers/promises';
import { startRedis, type TestServer, unlessUnavailable } from '@bottle/test-servers';
import { afterAll, describe, expect, it } from 'vitest';
import { waitFor } from '../harness/pod.ts';
import { reconcile, TimerPods } from './timer-pods.ts';

const server = await unlessUnavailable(startRedis({ own: true }));
afterAll(() => server?.stop());

const EVERY_MS = 250;

describe.skipIf(server === undefined)('a schedule of two pods', () => {
  const redis = server as TestServer;
  const timers = [{ type: 'every', value: `${EVERY_MS}ms`, name: 'tick', overlap: 'queue' }];

  for (const fault of ['killed and started again', 'paused and resumed'])
    it(`fires nothing while its Redis is ${fault}, and then each slot of that time once`, async () => {
      const pods = new TimerPods({ timers, redisUrl: redis.address });
      const [a, b] = await Promise.all([pods.start('a'), pods.start('b')]);
      await waitFor(() => pods.begun.length >= 8, 20_000);
      await (fault.startsWith('killed') ? redis.kill() : redis.pause());
      await delay(2_000);
      const before = pods.begun.length;
      await delay(1_000);
      expect(pods.begun).toHaveLength(before); // who cannot agree does not fire
      await (fault.startsWith('killed') ? redis.restart() : redis.resume());
      await waitFor(() => pods.begun.length >= before + 25, 30_000);
      const { begun } = pods;
      process.stdout.write(`timer fault: ${JSON.stringify({ fault: `Redis ${fault}`, fired: begun.length })}\n`);
      expect(reconcile(begun, EVERY_MS)).toEqual({ twice: [], never: [] });
      for (const pod of [a, b]) await waitFor(async () => (await pod.admin('/readyz')).ok, 5_000);
    });
});
