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
