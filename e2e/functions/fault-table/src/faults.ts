import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { defineFunction, type FaaSHttpContext } from 'bottle-sdk';

/** Notes that a request was executed. */
function note(ctx: FaaSHttpContext): string {
  const id = ctx.get('x-request');
  const file = ctx.env['EXECUTED_FILE'];
  if (file) appendFileSync(file, `${id}\n`);
  return id;
}

export const work = defineFunction.http(async (ctx) => {
  note(ctx);
  await delay(Number(ctx.query['ms'] ?? 0));
  return { pid: process.pid };
});
export const block = defineFunction.http((ctx) => {
  const until = Date.now() + Number(ctx.query['ms'] ?? 30_000);
  while (Date.now() < until);
});
export const exhaust = defineFunction.http(() => {
  const kept: unknown[] = [];
  for (;;) kept.push(Array.from({ length: 100_000 }, (_, index) => ({ index })));
});
export const count = defineFunction.http(async (ctx) => {
  note(ctx);
  return { count: await ctx.bottle.cache('main').increment('requests') };
});
export const insert = defineFunction.http(async (ctx) => {
  const id = note(ctx);
  await ctx.bottle.db('main').sql`insert into fault_rows (id) values (${id})`;
  return { id };
});
export const publish = defineFunction.http(async (ctx) => {
  const id = note(ctx);
  const { partition, offset } = await ctx.bottle.mq('main').publish('fault-messages', id);
  return { partition, offset: String(offset) };
});
