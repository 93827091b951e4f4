import type { TimerTrigger__Output } from '@bottle/protos';
import { createSchedule } from './schedule.ts';
import type { TimerPlan } from './timer-plan.ts';

type Rule = { cron: string } | { everyMs: number } | { intervalMs: number };
type More = Partial<Omit<TimerTrigger__Output, 'schedule' | 'cron' | 'everyMs' | 'intervalMs'>>;

/** A schedule as the function container announces it; for tests. */
export function sampleTrigger(rule: Rule, more: More = {}): TimerTrigger__Output {
  const [schedule, value] = Object.entries(rule)[0] ?? ['cron', '* * * * *'];
  return {
    name: 'sample',
    timeZone: '',
    payloadJson: '',
    misfire: 'once',
    overlap: 'skip',
    jitterMs: 0,
    broadcast: false,
    disabled: false,
    ...more,
    schedule,
    [schedule]: schedule === 'cron' ? value : String(value),
  } as TimerTrigger__Output;
}

export async function samplePlan(
  rule: Rule,
  { idempotent = false, ...more }: More & { idempotent?: boolean } = {},
): Promise<TimerPlan> {
  const trigger = sampleTrigger(rule, more);
  return { name: trigger.name, function: 'f', idempotent, trigger, schedule: await createSchedule(trigger) };
}
