import { appendFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineFunction } from 'bottle-sdk';

export const value = defineFunction.http(() => ({ greeting: 'hello' }));
export const untagged = defineFunction.http((ctx) => {
  ctx.etag = false;
  return 'untagged';
});
/** More than fits a frame between the processes. */
export const bytes = defineFunction.http(() => Buffer.from('0123456789'.repeat(100_000)));
export const response = defineFunction.http(() => new Response('0123456789', { headers: { 'x-own': '1' } }));
export const file = defineFunction.http((ctx) =>
  ctx.sendFile(ctx.params['*'] ?? '', { root: ctx.get('x-root') || 'public', maxAge: '1m' }),
);
export const outside = defineFunction.http((ctx) => ctx.sendFile('passwd', { root: '/etc' }));
/** Grows while it is sent. */
export const changing = defineFunction.http(async (ctx) => {
  const name = `changing-${ctx.requestId}.bin`;
  const path = join(tmpdir(), name);
  writeFileSync(path, Buffer.alloc(20_000_000, 'a'));
  await ctx.sendFile(name, { root: tmpdir() });
  setTimeout(() => appendFileSync(path, 'b'), 20);
});
