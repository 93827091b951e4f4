import { defineFunction } from 'bottle-sdk';

/** Says one thing, then stays open until its reader leaves. */
export const feed = defineFunction.http(async function* (ctx) {
  ctx.type = 'text/event-stream';
  yield { data: 'first' };
  await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
});

export const ping = defineFunction.http(() => 'pong');
