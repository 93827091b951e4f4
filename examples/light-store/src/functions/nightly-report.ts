import { defineFunction } from 'bottle-sdk';
import { dayBefore } from '../store/daily-reports.ts';

/** Another day than yesterday: `bottle timer fire nightly-report --data '{"day":"2026-11-20"}'`. */
interface Order {
  day: string;
}

/**
 * Each night: what was sold the day before. A tick knows the time that it is for, so one that comes late, because no pod
 * was there at three o'clock, still reports the same day.
 */
export const nightlyReport = defineFunction.timer<Order | undefined>(async (ctx, { scheduledAt, payload }) => {
  const report = await ctx.store.reports.make(payload?.day ?? dayBefore(scheduledAt));
  ctx.logger.info({ report }, 'daily report made');
  return report;
});
