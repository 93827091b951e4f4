import { defineFunction } from 'bottle-sdk';

/** How late each tick began in the function, in microseconds; since the last report. */
const lateUs: number[] = [];

export const tick = defineFunction.timer((_ctx, { scheduledAt }) => {
  lateUs.push((performance.timeOrigin + performance.now() - scheduledAt.getTime()) * 1_000);
});

/** Reports, and begins anew. */
export const report = defineFunction.http(() => ({ lateUs: lateUs.splice(0) }));
