// Schedules on real processes that share a real Redis: once for all pods, whatever becomes of one of them.
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerAddresses } from '@bottle/test-servers';
import { describe, expect, inject, it } from 'vitest';
import { json } from '../harness/json.ts';
import { waitFor } from '../harness/pod.ts';
import { type Fired, kill, metricOf, overlaps, reconcile, type TimerPod, TimerPods, timerOf } from './timer-pods.ts';

const redisUrl: ServerAddresses['redisUrl'] = inject('redisUrl');
const EVERY_MS = 250;
const every = (more: object = {}) => ({ type: 'every', value: `${EVERY_MS}ms`, name: 'tick', ...more });
const slotsOf = (fired: readonly Fired[]): number[] => fired.map(({ slot }) => slot);
const report = (figures: object): void => void process.stdout.write(`timer fault: ${JSON.stringify(figures)}\n`);

/** Two pods, and which of them has just begun a run. */
async function twoPods(pods: TimerPods): Promise<{ runner: TimerPod; other: TimerPod; slot: number }> {
  const [a, b] = await Promise.all([pods.start('a'), pods.start('b')]);
  const { length } = pods.begun;
  await waitFor(() => pods.begun.length > length && pods.fired.at(-1)?.what === 'begun', 20_000);
  const { pod, slot } = pods.begun.at(-1) as Fired;
  return pod === 'a' ? { runner: a, other: b, slot } : { runner: b, other: a, slot };
}

describe.skipIf(redisUrl === undefined)('a schedule of several pods', () => {
  it('fires each of 60 slots once while one of three pods is paused by SIGSTOP and goes on', async () => {
    const pods = new TimerPods({ timers: [every({ overlap: 'allow' })], redisUrl });
    const [a] = await Promise.all([pods.start('a'), pods.start('b'), pods.start('c')]);
    await waitFor(() => pods.begun.length >= 15, 20_000);
    for (const each of [a.sidecar, a.runtime]) each.kill('SIGSTOP');
    const pausedAt = Date.now();
    await waitFor(() => pods.begun.length >= 40, 20_000);
    for (const each of [a.sidecar, a.runtime]) each.kill('SIGCONT');
    const resumedAt = Date.now();
    await waitFor(() => pods.begun.length >= 62, 20_000);
    const { begun } = pods;
    const { a: byA, b: byB, c: byC } = Object.groupBy(begun, ({ pod }) => pod);
    report({
      fault: 'SIGSTOP',
      pausedMs: resumedAt - pausedAt,
      fired: begun.length,
      a: byA?.length,
      b: byB?.length,
      c: byC?.length,
    });
    expect(reconcile(begun, EVERY_MS)).toEqual({ twice: [], never: [] });
  });

  it('runs in another pod what a killed pod had claimed and not begun, and nothing twice', async () => {
    const timer = every({ overlap: 'allow', payload: { takesMs: 700 } });
    const pods = new TimerPods({ timers: [timer], more: { concurrency: 1, timeout: 60 }, redisUrl });
    const [a, b] = [await pods.start('a'), await pods.start('b')];
    // Each pod takes one at a time, so claims pile up, in both.
    await waitFor(() => pods.begun.length >= 8, 20_000);
    const { pod: nameOfB } = await json<{ pod: string }>(b.admin('/timers'));
    const { running } = await timerOf(b, 'tick');
    const begunBefore = new Set(slotsOf(pods.begun));
    await kill(a);
    const claimed = running
      .filter(({ pod }) => pod !== nameOfB)
      .map(({ scheduledAt }) => Date.parse(scheduledAt))
      .filter((slot) => !begunBefore.has(slot));
    expect(claimed.length).toBeGreaterThan(1);
    await waitFor(() => claimed.every((slot) => slotsOf(pods.begun).includes(slot)), 40_000);
    const { begun } = pods;
    report({ fault: 'SIGKILL with claims', claimed: claimed.length, fired: begun.length });
    expect(reconcile(begun, EVERY_MS).twice).toEqual([]);
  });

  it('goes on without a pod that was killed in the middle of a run: lost, or run again where that does no harm', async () => {
    const long = { type: 'every', value: '1s', payload: { takesMs: 600 } };
    for (const idempotent of [false, true]) {
      const pods = new TimerPods({ timers: [{ ...long, name: 'tick' }], more: { idempotent }, redisUrl });
      const { runner, other, slot } = await twoPods(pods);
      await kill(runner);
      const later = (): Fired[] => pods.begun.filter((each) => each.slot > slot);
      await waitFor(() => later().length >= 2, 15_000);
      expect(slotsOf(pods.begun).filter((each) => each === slot)).toHaveLength(idempotent ? 2 : 1);
      expect(reconcile(later(), 1_000).twice).toEqual([]);
      const { runs } = await timerOf(other, 'tick');
      const results = runs.filter(({ scheduledAt }) => Date.parse(scheduledAt) === slot).map(({ result }) => result);
      expect(results).toEqual([idempotent ? 'ok' : 'lost']);
      await kill(other);
    }
  });

  it('does of the slots that no pod was there for what its misfire policy says', async () => {
    const policies = ['skip', 'once', 'all'] as const;
    const timers = policies.map((misfire) => every({ name: misfire, misfire }));
    const pods = new TimerPods({ timers, redisUrl });
    const a = await pods.start('a');
    await waitFor(() => pods.begun.length >= 12, 10_000);
    await kill(a);
    const before = pods.begun;
    await delay(3_000);
    const b = await pods.start('b');
    const after = (name: string): Fired[] => pods.begun.slice(before.length).filter((each) => each.name === name);
    await waitFor(() => policies.every((name) => after(name).length >= 12), 20_000);
    const lastBefore = (name: string): number => before.findLast((each) => each.name === name)?.slot ?? 0;
    const lateMs = (name: string): number[] => after(name).map(({ at, slot }) => at - slot);
    const late = (name: string): number => lateMs(name).filter((ms) => ms > 1_500).length;
    for (const name of policies) {
      expect(reconcile(after(name), EVERY_MS).twice).toEqual([]);
      const line = `bottle_timer_ticks_passed_total{schedule="${name}",why="missed"}`;
      expect(await metricOf(b, line)).toBeGreaterThan(8);
    }
    expect(late('skip')).toBe(0);
    expect(lateMs('once')[0]).toBeGreaterThan(1_000);
    expect(
      lateMs('once')
        .slice(1)
        .filter((ms) => ms > 1_500),
    ).toEqual([]);
    // What the killed pod had claimed and not begun comes when its claim has run out, after others.
    const missed = Array.from({ length: 8 }, (_, at) => lastBefore('all') + EVERY_MS * (at + 1));
    const done = (): Set<number> => new Set(after('all').map(({ slot }) => slot));
    await waitFor(() => missed.every((slot) => done().has(slot)), 20_000);
    expect(late('all')).toBeGreaterThan(5);
  });

  /** Runs take longer than the time between two ticks. */
  async function crowded(overlap: string): Promise<{ fired: Fired[]; twice: number[]; never: number[] }> {
    const pods = new TimerPods({ timers: [every({ overlap, payload: { takesMs: 400 } })], redisUrl });
    await Promise.all([pods.start('a'), pods.start('b'), pods.start('c')]);
    await waitFor(() => pods.begun.length >= 8, 20_000);
    return { fired: pods.fired, ...reconcile(pods.begun, EVERY_MS) };
  }

  it('never runs beside itself, in whichever pods, with overlap skip: slots are passed over', async () => {
    const { fired, twice, never } = await crowded('skip');
    expect(overlaps(fired)).toEqual([]);
    expect(twice).toEqual([]);
    expect(never.length).toBeGreaterThan(5);
  });

  it('never runs beside itself, in whichever pods, with overlap queue: every slot has its turn', async () => {
    const { fired, twice, never } = await crowded('queue');
    expect(overlaps(fired)).toEqual([]);
    expect([twice, never]).toEqual([[], []]);
  });

  it('that follows its runs waits for the end of the run before, in whichever pod', async () => {
    const timer = { type: 'interval', value: '300ms', name: 'tick', payload: { takesMs: 200 } };
    const pods = new TimerPods({ timers: [timer], redisUrl });
    const [a] = await Promise.all([pods.start('a'), pods.start('b')]);
    await waitFor(() => pods.begun.length >= 6, 20_000);
    await kill(a);
    const before = pods.begun.length;
    await waitFor(() => pods.begun.length >= before + 6, 20_000);
    const { fired } = pods;
    const pauses = fired.flatMap(({ what, at }, index) => {
      const before = fired[index - 1];
      return what === 'begun' && before?.what === 'done' ? [at - before.at] : [];
    });
    expect(pauses.length).toBeGreaterThan(8);
    expect(Math.min(...pauses)).toBeGreaterThan(295);
  });

  it('as a broadcast gives every pod its own share, by one count, while pods come and go', async () => {
    const pods = new TimerPods({ timers: [every({ broadcast: true })], redisUrl });
    const [, b] = await Promise.all([pods.start('a'), pods.start('b')]);
    const ticks = (): Fired[][] =>
      Object.values(Object.groupBy(pods.begun, ({ slot }) => slot)).map((tick) => tick ?? []);
    const whole = (count: number): number =>
      ticks().filter((tick) => tick.length === count && tick.every(({ shard }) => shard.count === count)).length;
    await waitFor(() => whole(2) >= 4, 20_000);
    await pods.start('c');
    await waitFor(() => whole(3) >= 4, 20_000);
    const before = whole(2);
    await kill(b);
    await waitFor(() => whole(2) >= before + 4, 20_000);
    for (const tick of ticks()) {
      expect(new Set(tick.map(({ shard }) => shard.count)).size).toBe(1);
      expect(new Set(tick.map(({ shard }) => shard.index)).size).toBe(tick.length);
      expect(new Set(tick.map(({ pod }) => pod)).size).toBe(tick.length);
    }
  });

  it('finishes what runs when its pod is drained, and the next tick is fired by another without delay', async () => {
    const timer = { type: 'every', value: '500ms', name: 'tick', payload: { takesMs: 1_200 } };
    const pods = new TimerPods({ timers: [timer], redisUrl, leaseMs: 60_000 });
    const { runner, other, slot } = await twoPods(pods);
    runner.sidecar.kill('SIGTERM');
    expect(await runner.sidecar.exit()).toBe(0);
    expect(pods.fired.find((each) => each.slot === slot && each.what === 'done')).toBeDefined();
    await waitFor(() => pods.begun.some((each) => each.slot > slot), 2_000);
    const { runs } = await timerOf(other, 'tick');
    expect(runs.filter(({ result }) => result !== 'ok')).toEqual([]);
  });
});
