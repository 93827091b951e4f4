import { setTimeout as delay } from 'node:timers/promises';
import { BottleError, Code, defineFunction } from 'bottle-sdk';

/** What it was told and given. */
export const echo = defineFunction.http((ctx, event) => ({ headers: ctx.headers, event: event ?? null }));

export const upload = defineFunction.http<AsyncIterable<Buffer>>(async (_ctx, body) => {
  let length = 0;
  for await (const chunk of body) length += chunk.length;
  return { length, rss: process.memoryUsage.rss() };
});

/** `bytes` of some `type`, with the response header fields that the query names as `h.<name>`. */
export const data = defineFunction.http((ctx) => {
  const { bytes = '2000', type = 'application/json', status, stream } = ctx.query as Record<string, string | undefined>;
  for (const [name, value] of Object.entries(ctx.query))
    if (name.startsWith('h.')) ctx.set(name.slice(2), String(value));
  if (status !== undefined) ctx.status = Number(status);
  ctx.type = type;
  const line = '{"name":"a thing","price":12.5},\n';
  const body = Buffer.from(line.repeat(Math.ceil(Number(bytes) / line.length)).slice(0, Number(bytes)));
  return stream === undefined ? body : pieces(body);
});

async function* pieces(body: Buffer): AsyncGenerator<Buffer> {
  for (let offset = 0; offset < body.length; offset += 10_000) yield body.subarray(offset, offset + 10_000);
}

/** Three lines, the next one when a query says so or after a pause. */
export const trickle = defineFunction.http(async function* (ctx) {
  ctx.type = String(ctx.query['type'] ?? 'text/plain');
  for (const line of ['one', 'two', 'three']) {
    yield Buffer.from(`${line}\n`);
    await delay(Number(ctx.query['ms'] ?? 300));
  }
});

let chunks = 0;
let ended = 0;
export const endless = defineFunction.http(async function* (ctx) {
  ctx.type = 'text/plain';
  const noise = Buffer.from(
    Array.from({ length: 16_384 }, () => Math.random().toString(36).slice(2))
      .join('')
      .slice(0, 65_536),
  );
  try {
    for (;;) {
      chunks += 1;
      yield noise;
    }
  } finally {
    ended += 1;
  }
});
export const produced = () => ({ chunks, ended });

export const cutOff = defineFunction.http(async function* (ctx) {
  ctx.type = 'text/plain';
  yield Buffer.from('this much was said\n'.repeat(200));
  await delay(50);
  yield Buffer.from('and this');
  throw new Error('the source broke');
});

/** Comes after the head, so that nobody can count it before. */
const text = (body: string): ReadableStream =>
  ReadableStream.from(
    (async function* () {
      await delay(10);
      yield Buffer.from(body);
    })(),
  );

/** Bodies that are not as long as their head says. */
const LENGTHS: Record<string, () => Response> = {
  'response-longer': () => new Response('abcHTTP/1.1 200 OK\r\n\r\nevil', { headers: { 'content-length': '3' } }),
  'stream-longer': () => new Response(text('abcHTTP/1.1 200 OK\r\n\r\nevil'), { headers: { 'content-length': '3' } }),
  'stream-shorter': () => new Response(text('abc'), { headers: { 'content-length': '30' } }),
  'no-number': () => new Response(text('abc'), { headers: { 'content-length': '3, 3' } }),
  'not-modified': () => new Response(null, { status: 304, headers: { 'content-length': '9' } }),
  'reset-content': () => new Response(null, { status: 205, headers: { 'content-length': '9' } }),
  'no-content': () => new Response(null, { status: 204, headers: { 'content-length': '9' } }),
  hop: () =>
    new Response('hop', {
      headers: {
        connection: 'close, X-Own-Hop',
        'x-own-hop': '1',
        'keep-alive': 'timeout=9',
        'proxy-authenticate': 'Basic',
        te: 'trailers',
        trailer: 'x-t',
        upgrade: 'h2c',
        'x-end-to-end': '1',
      },
    }),
};
export const lengths = defineFunction.http((ctx) => LENGTHS[ctx.params['kind'] ?? '']?.());

let waiting = 0;
let aborted = 0;
/** Answers after a while, and says how many clients have left meanwhile. */
export const wait = defineFunction.http(async (ctx) => {
  if (ctx.query['report'] !== undefined) return { waiting, aborted };
  waiting += 1;
  try {
    await delay(Number(ctx.query['ms'] ?? 1000), undefined, { signal: ctx.signal });
  } catch {
    aborted += 1;
  } finally {
    waiting -= 1;
  }
  return 'waited';
});

/** Endings, and what a function says of cross-origin requests itself. */
export const outcome = defineFunction.http(async (ctx) => {
  ctx.set('x-count', '1');
  switch (ctx.params['kind']) {
    case 'held':
      ctx.logger.info('held');
      await delay(Number(ctx.query['ms'] ?? 500));
      return 'held';
    case 'too-many':
      throw new BottleError(Code.RESOURCE_EXHAUSTED, 'too-many', 'later, please');
    case 'missing':
      return ctx.throw(404, 'no such thing');
    case 'broken':
      throw new Error('broken');
    case 'self':
      ctx.set('access-control-allow-origin', 'https://its-own.example');
      ctx.set('vary', 'Accept');
      return 'self';
    default:
      return `${ctx.method} was run`;
  }
});
