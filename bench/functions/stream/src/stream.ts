import { defineFunction } from 'bottle-sdk';

const CHUNK = Buffer.alloc(64 * 1024, 'b');
const state = { producedBytes: 0 };

export const up = defineFunction.http<AsyncIterable<Buffer>>(async (_ctx, body) => {
  let bytes = 0;
  for await (const chunk of body) bytes += chunk.length;
  return { bytes };
});

export const down = defineFunction.http(async function* (ctx) {
  const total = Number(ctx.query['bytes'] ?? 0);
  state.producedBytes = 0;
  while (state.producedBytes < total) {
    state.producedBytes += CHUNK.length;
    yield CHUNK;
  }
});

export const produced = defineFunction.http(() => state);
