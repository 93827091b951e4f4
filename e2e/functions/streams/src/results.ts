// Results that end in every way. The path names which: /result/<kind>.
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { BottleError, Code, defineFunction, type FaaSHttpContext } from 'bottle-sdk';

const FIRST = 'first';
const broken = (): Error => new Error('the result broke');

async function* values(...items: unknown[]): AsyncGenerator {
  for (const item of items) {
    if (item instanceof Error) throw item;
    if (typeof item === 'number') await delay(item, undefined, { ref: false });
    else yield item;
  }
}

/** Says nothing for as long as it is wanted. */
async function* silence(ctx: FaaSHttpContext): AsyncGenerator {
  yield* values();
  await delay(30_000, undefined, { ref: false, signal: ctx.signal });
}

/** A Readable that pushes `chunks`, and is then destroyed: with the error or, where that is null, without one. */
function readable(chunks: readonly string[], error: Error | null | undefined): Readable {
  const left = [...chunks];
  return new Readable({
    read() {
      const chunk = left.shift();
      if (chunk !== undefined) this.push(chunk);
      else if (error === undefined) this.push(null);
      else setTimeout(() => this.destroy(error ?? undefined), 20);
    },
  });
}

function webStream(chunks: readonly string[], error?: Error): ReadableStream<Uint8Array> {
  const left = [...chunks];
  return new ReadableStream({
    async pull(controller) {
      const chunk = left.shift();
      if (chunk !== undefined) return controller.enqueue(Buffer.from(chunk));
      await delay(20);
      if (error) controller.error(error);
      else controller.close();
    },
  });
}

async function readResponse(): Promise<Response> {
  const response = new Response('gone');
  await response.text();
  return response;
}

async function readReadable(): Promise<Readable> {
  const stream = Readable.from(['gone']);
  stream.resume();
  await finished(stream);
  return stream;
}

const circular: Record<string, unknown> = {};
circular['self'] = circular;

const typed = (ctx: FaaSHttpContext, type: string, ...items: unknown[]): AsyncGenerator => {
  ctx.type = type;
  return values(...items);
};
const SSE = 'text/event-stream';
const NDJSON = 'application/x-ndjson';
const promised = (bytes: number, ...chunks: string[]) =>
  new Response(webStream(chunks), { headers: { 'content-length': String(bytes) } });

const RESULTS: Record<string, (ctx: FaaSHttpContext) => unknown> = {
  'generator-good': () => values(FIRST, 'second'),
  'generator-first': () => values(broken()),
  'generator-first-late': () => values(300, broken()),
  'generator-after': () => values(FIRST, broken()),
  'generator-after-late': () => values(FIRST, 300, broken()),
  'generator-typed-error': () => values(FIRST, new BottleError(Code.ABORTED, 'told-to', 'told to')),
  'generator-never': silence,
  'generator-stray': () => {
    setTimeout(() => void Promise.reject(broken()), 30);
    return values(FIRST, 10_000, 'never');
  },
  'readable-first': () => readable([], broken()),
  'readable-first-silent': () => readable([], null),
  'readable-after': () => readable([FIRST], broken()),
  'readable-after-silent': () => readable([FIRST], null),
  'readable-read': readReadable,
  'web-first': () => webStream([], broken()),
  'web-after': () => webStream([FIRST], broken()),
  'response-first': () => new Response(webStream([], broken())),
  'response-after': () => new Response(webStream([FIRST], broken())),
  'response-read': readResponse,
  'body-after': (ctx) => void (ctx.body = values(FIRST, broken())),
  'sse-first': (ctx) => typed(ctx, SSE, broken()),
  'sse-after': (ctx) => typed(ctx, SSE, { data: FIRST }, broken()),
  'sse-circular': (ctx) => typed(ctx, SSE, { data: FIRST }, { data: circular }),
  'sse-silent': (ctx) => {
    ctx.type = SSE;
    return silence(ctx);
  },
  'ndjson-after': (ctx) => typed(ctx, NDJSON, { first: FIRST }, broken()),
  'ndjson-circular': (ctx) => typed(ctx, NDJSON, { first: FIRST }, circular),
  'ndjson-circular-first': (ctx) => typed(ctx, NDJSON, circular),
  flushed: () => values('', 30_000),
  'wrong-type': () => values(FIRST, Symbol('no bytes')),
  'length-short-first': () => promised(10),
  'length-short': () => promised(10, FIRST),
  'length-long-first': () => promised(3, FIRST),
  'length-long': () => promised(7, FIRST, 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'),
  die: () => values(FIRST, 30_000),
};

export const result = defineFunction.http((ctx) => RESULTS[ctx.params['kind'] ?? '']?.(ctx));

/** The same as a generator function. */
export const generated = defineFunction.http(async function* (ctx) {
  const kind = ctx.params['kind'] ?? '';
  if (kind.startsWith('sse')) ctx.type = SSE;
  if (kind.includes('late')) await delay(300);
  if (kind.includes('silent')) await delay(30_000, undefined, { ref: false, signal: ctx.signal });
  if (!kind.includes('first')) yield FIRST;
  throw broken();
});

/** The result of a CloudEvent. */
export const event = defineFunction.cloudEvent<{ kind: string }>((_ctx, { data: { kind } }) => {
  if (kind === 'first') return values(broken());
  if (kind === 'after') return values(FIRST, broken());
  if (kind === 'open') return values(FIRST, 30_000);
  return values(FIRST, 'second');
});
