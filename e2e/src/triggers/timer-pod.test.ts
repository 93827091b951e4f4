// Schedules of one pod on the embedded driver: what the function gets, the history, firing by hand.
import { describe, expect, it } from 'vitest';
import { json } from '../harness/json.ts';
import { TestPod, waitFor } from '../harness/pod.ts';
import { join } from 'node:path';
import { metricOf, type Run, TimerPods, timerOf } from './timer-pods.ts';

const fire = (pod: TestPod, name: string, body?: string): Promise<Response> =>
  pod.admin(`/timers/${name}/fire`, { method: 'POST', ...(body === undefined ? {} : { body }) });
const redisUrl = undefined;

describe('a tick', () => {
  it('has its slot, its payload and its share, and the context says what started it', async () => {
    const timers = [
      { type: 'every', value: '200ms', name: 'multiples', payload: { note: [1] } },
      { type: 'cron', value: '* * * * * *', name: 'seconds', timeZone: 'Asia/Kolkata' },
      { type: 'every', value: '200ms', name: 'shares', broadcast: true },
      { type: 'every', value: '500ms', name: 'jittered', jitter: '300ms' },
    ];
    const pods = new TimerPods({ timers, redisUrl });
    await pods.start('a');
    const of = (name: string) => pods.begun.filter((each) => each.name === name);
    await waitFor(() => timers.every(({ name }) => of(name).length >= 4), 15_000);
    const [multiple] = of('multiples');
    expect(multiple).toMatchObject({
      manual: false,
      payload: { note: [1] },
      shard: { index: 0, count: 1 },
      trigger: 'timer',
    });
    expect(multiple?.attributes).toMatchObject({ schedule: 'multiples', manual: 'false' });
    for (const { slot, at } of of('multiples')) {
      expect(slot % 200).toBe(0);
      expect(at).toBeGreaterThanOrEqual(slot);
    }
    expect(of('multiples').map(({ slot }) => slot)).toEqual([...new Set(of('multiples').map(({ slot }) => slot))]);
    for (const { slot } of of('seconds')) expect(slot % 1_000).toBe(0);
    for (const { shard } of of('shares')) expect(shard).toEqual({ index: 0, count: 1 });
    for (const { slot, at } of of('jittered')) {
      expect(slot % 500).toBe(0);
      expect(at - slot).toBeLessThan(450);
    }
    expect(new Set(of('jittered').map(({ slot, at }) => Math.round((at - slot) / 20))).size).toBeGreaterThan(1);
  });

  it('whose function throws, or takes longer than its timeout, is in the history with the reason and is not repeated', async () => {
    const timers = [
      { type: 'every', value: '1s', name: 'failing', payload: { fails: true } },
      { type: 'every', value: '2s', name: 'slow', payload: { takesMs: 5_000 } },
    ];
    const pods = new TimerPods({ timers, more: { timeout: '300ms' }, redisUrl });
    const pod = await pods.start('a');
    await waitFor(async () => (await timerOf(pod, 'slow')).runs.length >= 1, 10_000);
    await waitFor(async () => (await timerOf(pod, 'failing')).runs.length >= 1, 10_000);
    const [slow] = (await timerOf(pod, 'slow')).runs;
    expect(slow).toMatchObject({ result: 'error', reason: 'deadline', manual: false });
    expect(slow?.durationMs).toBeGreaterThan(250);
    const { runs } = await timerOf(pod, 'failing');
    expect(runs[0]).toMatchObject({ result: 'error', reason: 'function-error' });
    expect(new Set(runs.map(({ scheduledAt }) => scheduledAt)).size).toBe(runs.length);
    expect(await metricOf(pod, 'bottle_timer_runs_total{schedule="failing",result="error"}')).toBeGreaterThan(0);
  });
});

describe('firing by hand', () => {
  it('runs at once, with another payload, also what is not enabled, and answers the run', async () => {
    const timers = [{ type: 'cron', value: '0 0 3 1 1 *', name: 'yearly', payload: { year: true }, enable: false }];
    const pods = new TimerPods({ timers, redisUrl });
    const pod = await pods.start('a');
    const run = await json<Run>(fire(pod, 'yearly'));
    expect(run).toMatchObject({ result: 'ok', manual: true });
    expect(await json<Run>(fire(pod, 'yearly', '{"takesMs":200}'))).toMatchObject({ result: 'ok' });
    expect(pods.begun).toMatchObject([
      { name: 'yearly', manual: true, payload: { year: true } },
      { name: 'yearly', manual: true, payload: { takesMs: 200 } },
    ]);
    expect(await json<Run>(fire(pod, 'yearly', '{"fails":true}'))).toMatchObject({
      result: 'error',
      reason: 'function-error',
    });
    const status = await timerOf(pod, 'yearly');
    expect(status).toMatchObject({ enabled: false, nextAt: null, running: [], schedule: 'cron 0 0 3 1 1 * (UTC)' });
    expect(status.runs.map(({ result }) => result)).toEqual(['error', 'ok', 'ok']);
  });

  it('is refused while a run is under way that may not overlap, and for what is no schedule or no JSON', async () => {
    const timers = [{ type: 'cron', value: '0 0 3 1 1 *', name: 'yearly', payload: { takesMs: 1_000 } }];
    const pods = new TimerPods({ timers, redisUrl });
    const pod = await pods.start('a');
    const first = fire(pod, 'yearly');
    await waitFor(() => pods.begun.length === 1, 5_000);
    const second = await fire(pod, 'yearly');
    expect(second.status).toBe(409);
    expect(await second.json()).toMatchObject({ code: 'ABORTED', reason: 'timer-busy' });
    expect((await first).status).toBe(200);
    const unknown = await fire(pod, 'weekly');
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ reason: 'no-timer', detail: expect.stringContaining('yearly') });
    expect(await (await fire(pod, 'yearly', '{')).json()).toMatchObject({ reason: 'invalid-json' });
  });
});

describe('a pod whose sidecar.yml has resources', () => {
  it('is not ready without the lock resource that schedules need, says what to add, and fires nothing', async () => {
    const resources = { cache: { sessions: { driver: 'memory' } } };
    const pods = new TimerPods({ timers: [{ type: 'every', value: '100ms', name: 'tick' }], redisUrl, resources });
    const pod = new TestPod({
      project: pods.directory,
      sidecarArgs: ['--config', join(pods.directory, 'sidecar.yml')],
    });
    try {
      const runtime = pod.startRuntime();
      await pod.startSidecar();
      await runtime.said('sidecar connected');
      let missing: string[] = [];
      await waitFor(async () => {
        const answer = await pod.admin('/readyz');
        missing = ((await answer.json()) as { missing?: string[] }).missing ?? [];
        return missing.some((line) => line.includes('lock.timers'));
      }, 10_000);
      expect(missing.join()).toContain('resources: { lock: { timers: { driver: … } } }');
      expect(pods.begun).toEqual([]);
    } finally {
      await pod.end();
    }
  });
});
