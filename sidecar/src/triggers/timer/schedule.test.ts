import { describe, expect, it } from 'vitest';
import { dueSlots } from './due-slots.ts';
import { sampleTrigger } from './sample-plan.ts';
import { createSchedule, type Schedule } from './schedule.ts';

const NEVER = Number.POSITIVE_INFINITY;
const at = (iso: string): number => Date.parse(iso);
const isoOf = (slots: readonly number[]): string[] => slots.map((slot) => new Date(slot).toISOString());

/** The slots after a time, one by one. */
function following(schedule: Schedule, iso: string, count: number): string[] {
  const slots: number[] = [];
  while (slots.length < count) slots.push(schedule.after(slots.at(-1) ?? at(iso)) ?? Number.NaN);
  return isoOf(slots);
}

describe('cron', () => {
  it('has seconds first, or five fields, in UTC', async () => {
    const six = await createSchedule(sampleTrigger({ cron: '10 30 3 * * *' }));
    expect(following(six, '2026-01-01T03:30:10Z', 2)).toEqual(['2026-01-02T03:30:10.000Z', '2026-01-03T03:30:10.000Z']);
    const five = await createSchedule(sampleTrigger({ cron: '30 3 * * 1' }));
    expect(following(five, '2026-01-01T00:00:00Z', 1)).toEqual(['2026-01-05T03:30:00.000Z']);
  });

  const berlin = (cron: string) => createSchedule(sampleTrigger({ cron }, { timeZone: 'Europe/Berlin' }));

  it('at a time of day that a change of clocks leaves out runs just after it, once', async () => {
    expect(following(await berlin('0 30 2 * * *'), '2026-03-28T00:00:00Z', 3)).toEqual([
      '2026-03-28T01:30:00.000Z',
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
  });

  it('at a time of day that comes twice runs once, whichever way it is looked for', async () => {
    const schedule = await berlin('0 30 2 * * *');
    const slots = ['2026-10-24T00:30:00.000Z', '2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z'];
    expect(following(schedule, '2026-10-24T00:00:00Z', 3)).toEqual(slots);
    const { newest, total } = schedule.between(at('2026-10-24T00:00:00Z'), at('2026-10-26T12:00:00Z'), 10);
    expect([isoOf(newest), total]).toEqual([slots, 3]);
  });

  it('every half hour runs through changes of clocks without a gap or a repetition', async () => {
    const schedule = await berlin('0 */30 * * * *');
    for (const day of ['2026-03-28T20:00:00Z', '2026-10-24T20:00:00Z']) {
      const slots = following(schedule, day, 20).map(at);
      expect(slots.slice(1).map((slot, index) => slot - (slots[index] ?? 0))).toEqual(Array(19).fill(1_800_000));
    }
  });

  it('knows the slots up to a time and with it, and of many only the newest, whatever they cost to count', async () => {
    const schedule = await createSchedule(sampleTrigger({ cron: '* * * * * *' }));
    const { newest } = schedule.between(at('2026-01-01T00:00:00Z'), at('2026-01-01T00:00:03Z'), 10);
    expect(isoOf(newest)).toEqual(['2026-01-01T00:00:01.000Z', '2026-01-01T00:00:02.000Z', '2026-01-01T00:00:03.000Z']);
    expect(schedule.between(at('2026-01-01T00:00:03Z'), at('2026-01-01T00:00:03.999Z'), 10).newest).toEqual([]);
    const startedAt = performance.now();
    const year = schedule.between(at('2025-01-01T00:00:00Z'), at('2026-01-01T00:00:00.500Z'), 100);
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect([year.newest.length, year.newest.at(-1)]).toEqual([100, at('2026-01-01T00:00:00Z')]);
    expect(year.total).toBeGreaterThan(100);
  });
});

describe('every', () => {
  it('has the multiples of its period since 1970, the same in every pod', async () => {
    const schedule = await createSchedule(sampleTrigger({ everyMs: 500 }));
    expect([schedule.after(999), schedule.after(1_000), schedule.after(1_000.5)]).toEqual([1_000, 1_500, 1_500]);
    expect(schedule.between(1_000, 2_500, 10)).toEqual({ newest: [1_500, 2_000, 2_500], total: 3 });
    expect(schedule.between(0, 1_000_000_000, 2)).toEqual({ newest: [999_999_500, 1_000_000_000], total: 2_000_000 });
    expect(schedule.between(2_000, 1_000, 10)).toEqual({ newest: [], total: 0 });
  });
});

describe('a slot', () => {
  it('is due later by a jitter that every pod knows, and that differs from slot to slot', async () => {
    const trigger = sampleTrigger({ everyMs: 10_000 }, { jitterMs: 5_000 });
    const [one, other] = [await createSchedule(trigger), await createSchedule(trigger)];
    const slots = Array.from({ length: 200 }, (_, index) => index * 10_000);
    const late = slots.map((slot) => one.dueAt(slot) - slot);
    expect(slots.map((slot) => other.dueAt(slot) - slot)).toEqual(late);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...late)).toBeLessThanOrEqual(5_000);
    expect(Math.max(...late) - Math.min(...late)).toBeGreaterThan(4_000);
    const slot = slots.find((each) => one.dueAt(each) - each > 2_000) ?? 0;
    expect(dueSlots(one, slot - 1, one.dueAt(slot) - 1, NEVER)).toEqual({ missed: [], onTime: [], older: 0 });
    expect(dueSlots(one, slot - 1, one.dueAt(slot), NEVER)).toEqual({ missed: [], onTime: [slot], older: 0 });
    expect(dueSlots(one, slot - 1, one.dueAt(slot) + 1_001, NEVER)).toEqual({ missed: [slot], onTime: [], older: 0 });
  });

  it('is missed when nobody took it for a second, or for ten by a pod that was there all the time', async () => {
    const schedule = await createSchedule(sampleTrigger({ everyMs: 1_000 }));
    expect(dueSlots(schedule, 0, 15_500, NEVER)).toMatchObject({ onTime: [15_000] });
    expect(dueSlots(schedule, 0, 15_500, 13_000)).toMatchObject({ onTime: [13_000, 14_000, 15_000] });
    expect(dueSlots(schedule, 0, 15_500, 0)).toMatchObject({ missed: [1, 2, 3, 4, 5].map((second) => second * 1_000) });
  });

  it('comes also where the jitter is as long as many slots', async () => {
    const schedule = await createSchedule(sampleTrigger({ everyMs: 10 }, { jitterMs: 60_000 }));
    let upTo = 0;
    for (let now = 10_000; now < 100_000; now += 10_000) {
      const { missed, onTime } = dueSlots(schedule, upTo, now, NEVER);
      const last = onTime.at(-1) ?? missed.at(-1) ?? 0;
      expect(last).toBeGreaterThan(upTo);
      upTo = last;
    }
  });
});
