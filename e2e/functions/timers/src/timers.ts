import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { defineFunction, type FaaSContext, type TimerTick } from 'bottle-sdk';

interface Work {
  /** How long a run takes, in milliseconds. */
  takesMs?: number;
  /** The run fails. */
  fails?: boolean;
}

/** Notes in FIRED_FILE that it runs, and that it has come to its end. */
export const tick = defineFunction.timer<Work | undefined>(async (ctx, event) => {
  note(ctx, event, 'begun');
  await delay(event.payload?.takesMs ?? 0);
  if (event.payload?.fails) throw new Error('as told');
  note(ctx, event, 'done');
  return { slot: event.scheduledAt.getTime() };
});

function note({ env, trigger, attributes }: FaaSContext, event: TimerTick, what: string): void {
  const { name, scheduledAt, manual, payload, shard } = event;
  const line = { what, name, slot: scheduledAt.getTime(), manual, payload, shard, pod: env['POD'], at: Date.now() };
  appendFileSync(env['FIRED_FILE'] ?? '', `${JSON.stringify({ ...line, trigger, attributes })}\n`);
}
