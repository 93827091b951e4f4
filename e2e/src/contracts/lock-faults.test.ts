// Locks in a real Redis while processes are paused and the server goes away.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startRedis, type TestServer, unlessUnavailable } from '@bottle/test-servers';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { json } from '../harness/json.ts';
import { TestPod, waitFor } from '../harness/pod.ts';
import { openSidecar, type SidecarTarget } from './target.ts';

interface Report {
  who: string;
  token: number;
  writes: number;
  refusedWhileHeld: number;
  isLost: boolean;
  wroteAfterLoss: boolean;
  released: boolean;
}

const server = await unlessUnavailable(startRedis({ own: true }));
afterAll(() => server?.stop());

describe.skipIf(server === undefined)('locks in a real Redis', () => {
  const redis = server as TestServer;
  let sidecar: SidecarTarget | undefined;
  afterEach(async () => {
    await sidecar?.close();
    sidecar = undefined;
  });

  async function openLocks(): Promise<SidecarTarget> {
    sidecar = await openSidecar({ lock: { locks: { driver: 'redis', url: redis.address } } });
    return sidecar;
  }

  describe('two pods, one of them paused with SIGSTOP beyond its lease', () => {
    const LEASE_MS = 1_000;
    let directory: string;
    beforeAll(() => {
      directory = mkdtempSync(join(tmpdir(), 'bt-locks-'));
      const connection = { driver: 'redis', url: redis.address };
      const resources = { lock: { orders: connection }, cache: { store: connection } };
      writeFileSync(join(directory, 'sidecar.yml'), JSON.stringify({ dataDir: directory, resources }));
    });
    afterAll(() => rmSync(directory, { recursive: true, force: true }));

    const startPod = async () => {
      const pod = await TestPod.start({
        project: 'locks',
        sidecarArgs: ['--config', join(directory, 'sidecar.yml')],
      });
      onTestFinished(() => pod.end());
      return pod;
    };
    const work = (pod: TestPod, who: string, forMs: number): Promise<Report> => {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' } };
      return json(fetch(`${pod.url}/work`, { ...init, body: JSON.stringify({ who, forMs, leaseMs: LEASE_MS }) }));
    };

    for (const paused of ['the function container', 'the whole pod'])
      it(`${paused}: the other gets the lock, the paused one knows that it lost it, and the store refuses it`, async () => {
        const [a, b] = await Promise.all([startPod(), startPod()]);
        const stopped = paused === 'the whole pod' ? [a.runtime, a.sidecar] : [a.runtime];
        const first = work(a, 'a', 30_000);
        await delay(LEASE_MS); // it has been renewed at least once
        for (const each of stopped) each.kill('SIGSTOP');
        const stoppedAt = performance.now();
        const second = await work(b, 'b', 500);
        expect(performance.now() - stoppedAt).toBeLessThan(LEASE_MS + 2_000);
        expect(second).toMatchObject({ isLost: false, released: true, refusedWhileHeld: 0 });
        expect(second.writes).toBeGreaterThan(5);
        for (const each of stopped) each.kill('SIGCONT');
        const report = await first;
        expect(report.writes).toBeGreaterThan(5);
        // Of what it had under way when it was stopped, one write may have come too late, and was refused.
        expect(report.refusedWhileHeld).toBeLessThanOrEqual(1);
        expect(report).toMatchObject({ isLost: true, wroteAfterLoss: false, released: false });
        expect(second.token).toBeGreaterThan(report.token);
        process.stdout.write(`lock fault: ${JSON.stringify({ paused, first: report, second })}\n`);
      });
  });

  it('a lock whose server dies is lost with its lease; the server comes back, and the next token is greater', async () => {
    const { bottle } = await openLocks();
    const locks = bottle.lock('locks');
    const lock = await locks.acquire('a', { lease: '1s' });
    const aborted = new Promise((resolve) => lock.signal.addEventListener('abort', () => resolve(performance.now())));
    const killedAt = performance.now();
    await redis.kill();
    expect(Number(await aborted) - killedAt).toBeLessThan(1_100);
    const startedAt = performance.now();
    await expect(locks.acquire('b', { wait: '1s' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(performance.now() - startedAt).toBeLessThan(5_500);
    await redis.restart();
    const next = await untilAcquired(() => locks.acquire('a', { wait: '5s' }));
    expect(next.fencingToken).toBeGreaterThan(lock.fencingToken);
    expect(await next.release()).toBe(true);
  });

  it('a lock outlives an interruption that is shorter than its lease', async () => {
    const { bottle } = await openLocks();
    await using lock = await bottle.lock('locks').acquire('short', { lease: '6s' });
    await redis.kill();
    await redis.restart();
    await delay(6_500);
    expect(lock.isHeld).toBe(true);
  });

  it('a paused server: the lock is lost with its lease, calls end at their deadline, and it recovers by itself', async () => {
    const { bottle } = await openLocks();
    const locks = bottle.lock('locks');
    const lock = await locks.acquire('p', { lease: '1s' });
    await redis.pause();
    try {
      const pausedAt = performance.now();
      await waitFor(() => lock.signal.aborted, 1_500);
      const failing = locks.acquire('q', { wait: '1s' });
      await expect(failing).rejects.toMatchObject({ code: expect.stringMatching(/UNAVAILABLE|DEADLINE_EXCEEDED/) });
      expect(performance.now() - pausedAt).toBeLessThan(8_000);
    } finally {
      await redis.resume();
    }
    // What was granted to the call that had been given up is given back: nobody waits for its lease.
    const startedAt = performance.now();
    const next = await untilAcquired(() => locks.acquire('q', { wait: '5s' }));
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    await next.release();
  });

  it('a sidecar that is killed takes the lock along at the end of its lease', async () => {
    const target = await openLocks();
    const lock = await target.bottle.lock('locks').acquire('s', { lease: '1s' });
    const killedAt = performance.now();
    target.sidecar.kill('SIGKILL');
    await waitFor(() => lock.signal.aborted, 3_000);
    expect(performance.now() - killedAt).toBeLessThan(1_200);
  });
});

/** The breaker may still be open for a moment. */
async function untilAcquired<Result>(acquire: () => Promise<Result>): Promise<Result> {
  let result: Result | undefined;
  await waitFor(async () => {
    result = await acquire();
    return true;
  }, 10_000);
  return result as Result;
}
