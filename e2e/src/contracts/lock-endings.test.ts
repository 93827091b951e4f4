// Locks of invocations that have ended, however they did, and did not give them back: nobody waits for their lease of a minute.
import { connectBottle } from '@bottle/function-runtime/connect-bottle';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Take } from '../../functions/locks/src/take.ts';
import { json } from '../harness/json.ts';
import { TestPod, waitFor } from '../harness/pod.ts';
import type { TestProcess } from '../harness/process.ts';

/** "At once", on a machine that does other things, too. */
const SOON_MS = 900;
/** How long code that was given up may take to end. */
const UNWIND_MS = 1_000;

type Line = Record<string, unknown>;

describe('a lock that was not given back', () => {
  let pod: TestPod;
  let sidecar: TestProcess;
  let runtime: TestProcess;
  let unique = 0;
  beforeAll(async () => {
    pod = new TestPod({ project: 'locks' });
    runtime = pod.startRuntime();
    sidecar = await pod.startSidecar();
    await pod.untilReady();
  });
  afterAll(() => pod?.end());

  const take = (path: string, name: string, ending: Take['ending'], init: RequestInit = {}): Promise<Response> =>
    fetch(pod.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, ending }),
      ...init,
    });
  const fresh = (): string => `n${(unique += 1)}`;
  const said = (name: string, msg: string): Promise<Line> =>
    runtime.line((line) => line['msg'] === msg && line['name'] === name);
  /** Milliseconds until the next one has it. */
  async function untilNext(name: string): Promise<number> {
    const startedAt = performance.now();
    expect((await fetch(`${pod.url}/next/${name}`, { method: 'POST' })).status).toBe(200);
    return performance.now() - startedAt;
  }

  it.each([
    ['returned', 'returns', 200],
    ['thrown', 'throws', 500],
  ] as const)('is free as soon as its invocation has %s', async (_how, ending, status) => {
    const name = fresh();
    expect((await take('/take', name, ending)).status).toBe(status);
    expect(await untilNext(name)).toBeLessThan(SOON_MS);
  });

  it('is held while its invocation streams, and free afterwards', async () => {
    const name = fresh();
    const streaming = take('/take-for-long', name, 'streams').then((answer) => answer.text());
    await said(name, 'taken');
    const [waitedMs, text] = await Promise.all([untilNext(name), streaming]);
    expect(text.trim().split('\n')).toHaveLength(5);
    expect(waitedMs).toBeGreaterThan(300);
    expect(waitedMs).toBeLessThan(500 + SOON_MS);
  });

  describe.each([
    ['has passed its deadline', (name: string, ending: Take['ending']) => take('/take', name, ending)],
    [
      'was left by its client',
      async (name: string, ending: Take['ending']) => {
        const leaving = new AbortController();
        const answer = take('/take-for-long', name, ending, { signal: leaving.signal }).catch(() => undefined);
        await said(name, 'taken');
        leaving.abort();
        return answer;
      },
    ],
  ])('of an invocation that %s', (_how, end) => {
    it('is known to be lost by its code, and free when that has ended', async () => {
      const name = fresh();
      await end(name, 'tidies up');
      await untilNext(name);
      expect(await said(name, 'given up')).toMatchObject({
        isHeld: false,
        why: expect.stringContaining('not held any more'),
      });
      const tidiedUp = await said(name, 'tidied up');
      const { at } = await json<{ at: number }>(fetch(`${pod.url}/next/${name}`, { method: 'POST' }));
      expect(at).toBeGreaterThanOrEqual(Number(tidiedUp['time']));
    });
    it('is free a second later when its code goes on', async () => {
      const name = fresh();
      await end(name, 'goes on');
      await said(name, 'given up');
      expect(await untilNext(name)).toBeLessThan(UNWIND_MS + SOON_MS);
    });
  });

  it('is free as soon as its function process has died, and held as long as that is only paused', async () => {
    const name = fresh();
    const broken = take('/take-for-long', name, 'goes on').catch(() => undefined);
    await said(name, 'taken');
    const other = await connectBottle(pod.socketDir, 60_000);
    onTestFinished(() => other.close());
    const locks = other.bottle.lock('orders');
    runtime.kill('SIGSTOP');
    await sidecar.line(({ msg }) => String(msg).includes('does not answer'));
    expect(await locks.tryAcquire(name)).toBeUndefined();
    runtime.kill('SIGCONT');
    await waitFor(async () => (await pod.admin('/readyz')).ok, 10_000);
    expect(await locks.tryAcquire(name)).toBeUndefined();
    const waiting = locks.acquire(name, { wait: '30s' });
    runtime.kill('SIGKILL');
    await runtime.exit();
    const diedAt = performance.now();
    await using lock = await waiting;
    expect(lock.isHeld).toBe(true);
    expect(performance.now() - diedAt).toBeLessThan(SOON_MS);
    await broken;
  });
});
