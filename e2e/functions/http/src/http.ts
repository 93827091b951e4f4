import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { BottleError, bottle, Code, defineFunction } from 'bottle-sdk';

export const inspect = defineFunction.http((ctx, event) => {
  const { method, path, query, params, headers } = ctx;
  return { method, path, query, params, headers, event, rawHeaders: ctx.request.rawHeaders };
});
export const params = defineFunction.http((ctx) => ({ params: ctx.params }));
export const fixed = () => 'static';
export const host = () => 'the shop';
export const noHost = () => 'anybody';
export const bytes = defineFunction.http((ctx) => Buffer.from(ctx.request.rawBody));
export const upload = defineFunction.http<AsyncIterable<Buffer>>(async (_ctx, body) => {
  let length = 0;
  for await (const chunk of body) length += chunk.length;
  return { length };
});

const RESULTS: Record<string, () => unknown> = {
  zero: () => 0,
  empty: () => '',
  no: () => false,
  null: () => null,
  undefined: () => undefined,
  text: () => 'grüße',
  object: () => ({ a: [1, 'ü'] }),
  buffer: () => Buffer.from([0, 255, 128]),
  stream: () => Readable.from([Buffer.from('str'), Buffer.from('eam')]),
  response: () => {
    const headers = new Headers([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['content-type', 'text/x-own'],
    ]);
    return new Response('own', { status: 202, headers });
  },
  symbol: () => Symbol('nothing'),
};
export const result = defineFunction.http((ctx) => RESULTS[ctx.params['kind'] ?? '']?.());

export const headers = defineFunction.http((ctx) => {
  ctx.append('set-cookie', 'a=1');
  ctx.append('set-cookie', ['b=2', 'c=3']);
  ctx.set('connection', 'x-private');
  ctx.set('x-kept', 'yes');
  ctx.set('transfer-encoding', 'chunked');
  return 'ok';
});
export const sleep = defineFunction.http(async (ctx) => {
  await delay(Number(ctx.query['ms']));
  return 'slept';
});

const aborted = { count: 0, reasons: [] as string[] };
export const aborts = defineFunction.http(async (ctx) => {
  if (ctx.query['report'] !== undefined) return aborted;
  await delay(20_000, undefined, { signal: ctx.signal }).catch(() => {
    aborted.count += 1;
    aborted.reasons.push((ctx.signal.reason as BottleError).code);
  });
  return 'too late';
});

const produced = { chunks: 0, ended: 0 };
export const endless = defineFunction.http(async function* () {
  produced.chunks = 0;
  try {
    for (;;) {
      produced.chunks += 1;
      yield Buffer.alloc(16 * 1024, 'e');
    }
  } finally {
    produced.ended += 1;
  }
});
export const endlessState = () => produced;
export const sse = defineFunction.http(async function* (ctx) {
  ctx.type = 'text/event-stream';
  yield { event: 'first', id: '1', data: { n: 1 } };
  yield { data: 'two\nlines' };
});
export const failing = defineFunction.http(async (ctx) => {
  switch (ctx.params['kind']) {
    case 'typed':
      throw new BottleError(Code.ALREADY_EXISTS, 'taken', 'somebody has it', { details: { owner: 'ada' } });
    case 'status':
      return ctx.throw(418, 'teapot');
    case 'rejection':
      void Promise.reject(new Error('nobody catches this'));
      return delay(2_000, 'unreached');
    case 'uncaught':
      setTimeout(() => {
        throw new Error('thrown from a timer');
      }, 5);
      return delay(2_000, 'unreached');
    default:
      throw new Error('secret: do not show');
  }
});
export const callback = (_ctx: unknown, _event: unknown, done: (error: unknown, result?: unknown) => void): void => {
  setTimeout(() => done(null, { via: 'callback' }), 1);
};
export const caller = defineFunction.http(async () => ({ answer: await bottle.rpc.invoke('doubled', { n: 21 }) }));
export const doubled = defineFunction.event<{ n: number }>((ctx, { n }) => ({ doubled: n * 2, caller: ctx.caller }));
