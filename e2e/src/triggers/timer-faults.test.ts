// Schedules while the Redis by which their pods agree is killed, or stops answering.
import { setTimeout as delay } from 'node:timers/promises';
import { ServerUnavailable, startRedis, type TestServer } from '@bottle/test-servers';
import { afterAll, describe, expect, it } from 'vitest';
import { waitFor } from '../harness/pod.ts';
import { reconcile, TimerPods } from './timer-pods.ts';

const server = await startRedis({ own: true }).catch((error: unknown) => {
  if (error instanceof ServerUnavailable && process.env['BOTTLE_REQUIRE_SERVERS'] !== '1') return undefined;
  throw error;
});
afterAll(() => server?.stop());

const EVERY_MS = 250;

describe.skipIf(server === undefined)('a schedule of two pods', () => {
  const redis = server as TestServer;
  const policies = ['once', 'all'] as const;
  const timers = policies.map((misfire) => ({ type: 'every', value: `${EVERY_MS}ms`, name: misfire, misfire }));

  for (const fault of ['killed and started again', 'paused and resumed'])
    it(`fires nothing twice while its Redis is ${fault}, and catches up by its policy`, async () => {
      const pods = new TimerPods({ timers, redisUrl: redis.address });
      const [a, b] = await Promise.all([pods.start('a'), pods.start('b')]);
      const of = (name: string) => pods.begun.filter((each) => each.name === name);
      await waitFor(() => policies.every((name) => of(name).length >= 8), 20_000);
      await (fault.startsWith('killed') ? redis.kill() : redis.pause());
      await delay(3_000);
      const before = new Map(policies.map((name) => [name, of(name).length]));
      await delay(1_000);
      for (const name of policies) expect(of(name).length).toBe(before.get(name)); // who cannot agree does not fire
      await (fault.startsWith('killed') ? redis.restart() : redis.resume());
      await waitFor(() => policies.every((name) => of(name).length >= (before.get(name) ?? 0) + 10), 20_000);
      const once = reconcile(of('once'), EVERY_MS);
      const all = reconcile(of('all'), EVERY_MS);
      process.stdout.write(
        `timer fault: ${JSON.stringify({ fault: `Redis ${fault}`, fired: pods.begun.length, notRun: once.never.length })}\n`,
      );
      expect(once.twice).toEqual([]);
      expect(once.never.length).toBeGreaterThan(5);
      expect(all).toEqual({ twice: [], never: [] });
      for (const pod of [a, b]) expect((await pod.admin('/readyz')).status).toBe(200);
    });
});
