import { describe, expect, it } from 'vitest';
import { decide, type Decision, nextDue, type OwnRun, type Situation } from './decide.ts';
import { samplePlan } from './sample-plan.ts';
import type { TimerPlan } from './timer-plan.ts';
import type { ClaimedRun, TimerRecord } from './timer-record.ts';

const BASE = 1_000_000;
const RULE = 'every 100 ms';
const recordOf = (more: Partial<TimerRecord> = {}): TimerRecord => ({
  rule: RULE,
  upTo: BASE,
  waiting: [],
  runs: [],
  ...more,
});
const runOf = (more: Partial<ClaimedRun> = {}): ClaimedRun => ({
  slot: BASE,
  tries: 0,
  id: 'r',
  pod: 'other',
  started: true,
  manual: false,
  ...more,
});

function decided(plan: TimerPlan, record: TimerRecord | undefined, more: Partial<Situation> = {}): Decision {
  let ids = 0;
  return decide(plan, {
    record,
    now: BASE,
    since: BASE,
    pod: 'me',
    present: undefined,
    own: new Map<string, OwnRun>(),
    mayClaim: true,
    openSince: Number.POSITIVE_INFINITY,
    nextId: () => `id${(ids += 1)}`,
    ...more,
  });
}
const slotsOf = (runs: readonly { slot: number }[]): number[] => runs.map(({ slot }) => slot - BASE);

describe('a schedule that nobody has seen yet', () => {
  it('begins when the first pod learns of it: nothing before was missed', async () => {
    const { record, missed, claimed } = decided(await samplePlan({ everyMs: 100 }), undefined, { now: BASE + 50 });
    expect([record, missed, claimed]).toEqual([recordOf(), 0, []]);
  });
  it('with another rule than before has no past either, and keeps what runs', async () => {
    const before = recordOf({ rule: 'every 7 ms', upTo: BASE - 500_000, runs: [runOf()] });
    const { record, missed } = decided(await samplePlan({ everyMs: 100 }), before);
    expect([record, missed]).toEqual([recordOf({ runs: [runOf()] }), 0]);
  });
});

describe('a slot that is due', () => {
  it('is claimed once: the record has moved past it', async () => {
    const plan = await samplePlan({ everyMs: 100 });
    const first = decided(plan, recordOf(), { now: BASE + 100 });
    expect(slotsOf(first.claimed)).toEqual([100]);
    expect(first.record).toMatchObject({ upTo: BASE + 100, runs: [{ slot: BASE + 100, pod: 'me', started: false }] });
    const second = decided(plan, first.record, { now: BASE + 101, pod: 'other' });
    expect([second.record, second.claimed, second.skipped]).toEqual([undefined, [], 0]);
  });
  it('stays where it is while this pod may not claim', async () => {
    const { record, claimed } = decided(await samplePlan({ everyMs: 100 }), recordOf(), {
      now: BASE + 100,
      mayClaim: false,
    });
    expect([record, claimed]).toEqual([undefined, []]);
  });
  it('is none while the schedule is disabled', async () => {
    const plan = await samplePlan({ everyMs: 100 }, { disabled: true });
    expect(decided(plan, recordOf(), { now: BASE + 100 }).record).toBeUndefined();
    expect(nextDue(plan, recordOf())).toBeUndefined();
  });
});

describe('overlap', () => {
  const record = recordOf({ runs: [runOf()] });
  const now = BASE + 250;
  it('skip passes over slots while a run is under way in any pod', async () => {
    const decision = decided(await samplePlan({ everyMs: 100 }), record, { now });
    expect([decision.skipped, decision.claimed, decision.record?.upTo]).toEqual([2, [], BASE + 200]);
  });
  it('skip passes over none that are found late together: no run was under way at their time', async () => {
    const decision = decided(await samplePlan({ everyMs: 100 }), recordOf(), { now: BASE + 350 });
    expect([decision.skipped, slotsOf(decision.claimed), decision.record?.waiting.length]).toEqual([0, [100], 2]);
    const next = decided(await samplePlan({ everyMs: 100 }), decision.record, { now: BASE + 400 });
    expect([next.skipped, next.record?.waiting.length]).toEqual([1, 2]);
  });
  it('queue lets them wait, at most a hundred, and runs them one after the other', async () => {
    const plan = await samplePlan({ everyMs: 10 }, { overlap: 'queue' });
    const busy = { ...record, rule: 'every 10 ms' };
    const first = decided(plan, busy, { now: BASE + 990 });
    expect([first.claimed, first.record?.waiting.length, first.skipped]).toEqual([[], 99, 0]);
    const second = decided(plan, first.record, { now: BASE + 1_100 });
    expect([second.record?.waiting.length, second.skipped]).toEqual([100, 10]);
    const ended = decided(plan, { ...(second.record ?? busy), runs: [] }, { now: BASE + 1_100 });
    expect([slotsOf(ended.claimed), ended.record?.waiting.length]).toEqual([[10], 99]);
  });
  it('allow runs them all, at most a hundred at a time', async () => {
    const plan = await samplePlan({ everyMs: 100 }, { overlap: 'allow' });
    expect(slotsOf(decided(plan, record, { now }).claimed)).toEqual([100, 200]);
    const full = recordOf({ runs: Array.from({ length: 100 }, (_, at) => runOf({ id: `${at}` })) });
    const decision = decided(plan, full, { now });
    expect([decision.claimed, decision.record?.waiting.length]).toEqual([[], 2]);
  });
});

describe('slots that no pod was there for', () => {
  const now = BASE + 5_050; // 40 slots are more than a second late, 10 are not
  const decisionWith = async (misfire: string) =>
    decided(await samplePlan({ everyMs: 100 }, { misfire, overlap: 'queue' }), recordOf(), { now });
  const allOf = ({ claimed, record }: Decision): number[] => [...slotsOf(claimed), ...slotsOf(record?.waiting ?? [])];

  it('are left out with skip', async () => {
    const decision = await decisionWith('skip');
    expect([decision.missed, decision.dropped, allOf(decision)[0]]).toEqual([40, 40, 4_100]);
  });
  it('run once, for the last of them, with once', async () => {
    const decision = await decisionWith('once');
    expect([decision.missed, decision.dropped, allOf(decision)[0], allOf(decision)[1]]).toEqual([40, 39, 4_000, 4_100]);
  });
  it('all run with all, and what is due at the same time waits behind them whatever the overlap policy', async () => {
    for (const overlap of ['skip', 'queue', 'allow']) {
      const decision = decided(await samplePlan({ everyMs: 100 }, { misfire: 'all', overlap }), recordOf(), { now });
      expect([decision.missed, decision.dropped, decision.skipped]).toEqual([40, 0, 0]);
      expect(allOf(decision)).toEqual(Array.from({ length: 50 }, (_, at) => (at + 1) * 100));
    }
  });
  it('are at most the last hundred with all: a year without a pod is no storm', async () => {
    const plan = await samplePlan({ everyMs: 60_000 }, { misfire: 'all' });
    const year = 365 * 86_400_000;
    const decision = decided(plan, recordOf({ rule: 'every 60000 ms' }), { now: BASE + year });
    expect(decision.missed).toBe(365 * 1_440);
    expect(decision.claimed.length + (decision.record?.waiting.length ?? 0)).toBe(100);
    expect(decision.dropped).toBe(365 * 1_440 - 100);
  });
});

describe('a run of a pod that is gone', () => {
  const present = ['me', 'third'];
  it('is claimed anew when it had not been started', async () => {
    const record = recordOf({ runs: [runOf({ started: false })] });
    const { claimed, takenOver, lost } = decided(await samplePlan({ everyMs: 100 }), record, { present });
    expect([slotsOf(claimed), takenOver.length, lost]).toEqual([[0], 1, []]);
    expect(claimed[0]).toMatchObject({ pod: 'me', started: false, tries: 1 });
  });
  it('is lost when it had been started, unless the function may run twice', async () => {
    const record = recordOf({ runs: [runOf()] });
    const once = decided(await samplePlan({ everyMs: 100 }), record, { present });
    expect([once.claimed, once.lost.length, once.record?.runs]).toEqual([[], 1, []]);
    const twice = decided(await samplePlan({ everyMs: 100 }, { idempotent: true }), record, { present });
    expect([slotsOf(twice.claimed), twice.lost]).toEqual([[0], []]);
  });
  it('is lost when it was fired by hand, or has cost five pods already', async () => {
    const plan = await samplePlan({ everyMs: 100 }, { idempotent: true });
    for (const more of [{ manual: true }, { tries: 5, started: false }])
      expect(decided(plan, recordOf({ runs: [runOf(more)] }), { present }).lost).toHaveLength(1);
  });
  it('is left alone while it is not known who is there', async () => {
    const record = recordOf({ runs: [runOf({ started: false })] });
    expect(decided(await samplePlan({ everyMs: 100 }), record).record).toBeUndefined();
    expect(decided(await samplePlan({ everyMs: 100 }), record, { present: ['me', 'other'] }).record).toBeUndefined();
  });
});

describe('a run of this pod', () => {
  const settled = async (started: boolean, state: OwnRun | undefined) =>
    decided(await samplePlan({ everyMs: 100 }), recordOf({ runs: [runOf({ pod: 'me', started })] }), {
      own: new Map(state ? [['r', state]] : []),
    });
  it('stays while it is active, and goes when it is over', async () => {
    expect((await settled(true, 'active')).record).toBeUndefined();
    expect((await settled(true, 'over')).record?.runs).toEqual([]);
  });
  it('that never reached the function is claimed anew, even if it was marked as started', async () => {
    expect(slotsOf((await settled(true, 'undispatched')).claimed)).toEqual([0]);
  });
  it('that it does not know of was claimed in vain; one that was started is never started again', async () => {
    expect(slotsOf((await settled(false, undefined)).claimed)).toEqual([0]);
    const { claimed, record } = await settled(true, undefined);
    expect([claimed, record?.runs]).toEqual([[], []]);
  });
  it('is settled also when the pod may claim nothing', async () => {
    const record = recordOf({ runs: [runOf({ pod: 'me' })] });
    const own = new Map<string, OwnRun>([['r', 'over']]);
    const decision = decided(await samplePlan({ everyMs: 100 }), record, { own, mayClaim: false, now: BASE + 500 });
    expect(decision.record).toEqual(recordOf());
  });
});

describe('a schedule that follows its runs', () => {
  const rule = 'interval 100 ms';
  it('counts from the end of the run before, wherever that ran', async () => {
    const plan = await samplePlan({ intervalMs: 100 });
    const first = decided(plan, recordOf({ rule }), { now: BASE + 100 });
    expect(slotsOf(first.claimed)).toEqual([100]);
    const running = first.record ?? recordOf({ rule });
    expect(nextDue(plan, running)).toBeUndefined();
    expect(decided(plan, running, { now: BASE + 900, pod: 'other' }).record).toBeUndefined();
    const own = new Map<string, OwnRun>([['id1', 'over']]);
    const ended = decided(plan, running, { now: BASE + 950, own }).record ?? recordOf({ rule });
    expect([ended.upTo, ended.runs, nextDue(plan, ended)]).toEqual([BASE + 950, [], BASE + 1_050]);
    const lost = decided(plan, { ...running, runs: [runOf({ pod: 'gone' })] }, { now: BASE + 2_000, present: ['me'] });
    expect(lost.record).toMatchObject({ upTo: BASE + 2_000, runs: [] });
  });
  it('after a time without a pod begins to count again with skip, and runs at once otherwise', async () => {
    const now = BASE + 50_000;
    const skip = decided(await samplePlan({ intervalMs: 100 }, { misfire: 'skip' }), recordOf({ rule }), { now });
    expect([skip.claimed, skip.record?.upTo, skip.missed]).toEqual([[], now, 1]);
    expect(slotsOf(decided(await samplePlan({ intervalMs: 100 }), recordOf({ rule }), { now }).claimed)).toEqual([100]);
  });
});

describe('a clock that jumps', () => {
  it('back fires nothing twice: the slots come again, and are past', async () => {
    const record = recordOf({ upTo: BASE + 3_600_000 });
    const plan = await samplePlan({ everyMs: 100 });
    expect(decided(plan, record, { now: BASE + 500 }).record).toBeUndefined();
    expect(nextDue(plan, record)).toBe(BASE + 3_600_100);
  });
  it('forward is a time without a pod', async () => {
    const decision = decided(await samplePlan({ everyMs: 100 }), recordOf(), { now: BASE + 3_600_000 });
    expect(decision.claimed).toHaveLength(1);
    expect(decision.missed).toBeGreaterThan(35_000);
  });
  it('back by more than a day was wrong before: the schedule begins anew', async () => {
    const record = recordOf({ upTo: BASE + 400 * 86_400_000 });
    expect(decided(await samplePlan({ everyMs: 100 }), record).record?.upTo).toBe(BASE);
  });
});
