import { appendFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { defineFunction } from 'bottle-sdk';

const CHUNK = Buffer.alloc(64 * 1024, 'x');
const CHUNKS = 16;

export const work = defineFunction.http((_ctx, event) => event);

export const upload = defineFunction.http(async (_ctx, body) => {
  let bytes = 0;
  for await (const chunk of body as Readable) bytes += (chunk as Buffer).length;
  return { bytes };
});

export const download = defineFunction.http(async function* () {
  for (let count = 0; count < CHUNKS; count++) yield CHUNK;
});

export const calls = defineFunction.http(async ({ bottle }) => {
  const cache = bottle.cache('soak');
  const count = await cache.increment('calls');
  await cache.set(`key-${count % 1_000}`, { count }, { ttl: 60 });
  const db = bottle.db('soak');
  if (count % 10 === 0) {
    await db.sql`create table if not exists soak (id integer primary key, value text)`;
    await db.sql`insert into soak (id, value) values (${count % 5_000}, ${'v'.repeat(100)}) on conflict (id) do nothing`;
  }
  const rows = await db.sql<{ one: number }>`select 1 as one`;
  {
    await using lock = await bottle.lock('soak').acquire(`lock-${count % 8}`, { wait: '5s' });
    lock.assertHeld();
  }
  return { count, rows: rows.length };
});

export const publish = defineFunction.http(async (ctx) => {
  const id = ctx.get('x-request');
  await ctx.bottle.mq('soak').publish('soak', { id }, { key: id.slice(-1) });
  return { id };
});

export const consume = defineFunction.mq<{ id: string }>((ctx, message) => {
  appendFileSync(ctx.env['CONSUMED_FILE'] ?? '/dev/null', `${message.value.id}\n`);
});

export const tick = defineFunction.timer((ctx, { scheduledAt }) => {
  appendFileSync(ctx.env['TICKS_FILE'] ?? '/dev/null', `${scheduledAt.getTime()}\n`);
});
