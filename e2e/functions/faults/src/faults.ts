import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { defineFunction } from 'bottle-sdk';

/** Notes that it was executed, then takes its time. */
export const work = defineFunction.http(async (ctx) => {
  const file = ctx.env['EXECUTED_FILE'];
  if (file) appendFileSync(file, `${ctx.get('x-request')}\n`);
  await delay(Number(ctx.query['ms'] ?? 0));
  return { pid: process.pid };
});
export function block(): void {
  for (;;);
}
export const never = () => new Promise(() => {});
