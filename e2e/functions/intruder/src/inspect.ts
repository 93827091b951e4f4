import { setTimeout as delay } from 'node:timers/promises';
import { defineFunction } from 'bottle-sdk';

let inspected = 0;

/** What a function is told of its request, and how many came. */
export const inspect = defineFunction.http((ctx, event) => {
  inspected += 1;
  const { ip, host, url, caller, requestId, traceparent, baggage, headers, query, method } = ctx;
  return { inspected, ip, host, url, caller, requestId, traceparent, baggage, headers, query, method, event };
});
export const echo = defineFunction.http((_ctx, event) => event);
export const params = defineFunction.http((ctx) => ({ params: ctx.params, path: ctx.path }));
export const secret = () => 'the secret function';
export const hosted = () => 'the shop';

/** Merges as careless code does. */
export const merge = defineFunction.http<Record<string, unknown>>((ctx, event) => {
  const merged: Record<string, unknown> = Object.assign({}, event);
  const fromQuery: Record<string, unknown> = Object.assign({}, ctx.query);
  const fresh: Record<string, unknown> = {};
  return { admin: merged['admin'] ?? fromQuery['admin'] ?? fresh['admin'] ?? 'no' };
});

interface OpenContext {
  response: { headers: Map<string, string[]> };
}

/** Response headers with line breaks: by the front door, and past the context's own check. */
export const split = defineFunction.http((ctx) => {
  const evil = 'a\r\nset-cookie: injected=1\r\n\r\n<script>';
  const { headers } = (ctx as unknown as OpenContext).response;
  switch (ctx.params['kind']) {
    case 'value':
      ctx.set('x-mine', evil);
      break;
    case 'name':
      ctx.set('x-mine\r\nset-cookie: injected=1', 'a');
      break;
    case 'type':
      ctx.type = `text/html\r\nset-cookie: injected=1`;
      break;
    case 'raw-value':
      headers.set('x-mine', [evil]);
      break;
    case 'raw-name':
      headers.set('x-mine\r\nset-cookie: injected=1\r\nx-b', ['a']);
      break;
    case 'raw-lf':
      headers.set('x-mine', ['a\nset-cookie: injected=1']);
      break;
    case 'cookie':
      ctx.cookies.set('sid', 'a\r\nset-cookie: injected=1; b', { path: '/' });
      break;
    case 'status':
      return Response.error();
    case 'length':
      headers.set('content-length', ['1', '2000']);
      break;
    case 'chunked':
      headers.set('transfer-encoding', ['chunked']);
      break;
    default:
      ctx.set('x-bottle-internal', 'forged');
      ctx.set('x-mine', 'fine');
  }
  return 'body';
});

export const drip = defineFunction.http(async function* () {
  for (let count = 0; count < 20; count++) {
    yield Buffer.from(`drop ${count}\n`);
    await delay(50);
  }
});
export const hold = defineFunction.http(async (ctx) => {
  await delay(Number(ctx.query['ms'] ?? 0));
  return 'held';
});
