import { BottleError, Code, defineFunction } from 'bottle-sdk';

/** Errors as libraries make them, by their habit. */
const THROWN: Record<string, () => unknown> = {
  'http-errors': () =>
    Object.assign(new Error('who are you?'), {
      status: 401,
      statusCode: 401,
      expose: true,
      headers: { 'WWW-Authenticate': 'Basic realm="shop"', 'x-bad': 'a\nb' },
    }),
  'http-errors 502': () => Object.assign(new Error('inside words'), { status: 502, expose: false }),
  exposed: () => Object.assign(new Error('try the other one'), { status: 503, expose: true }),
  hidden: () => Object.assign(new Error('inside words'), { status: 409, expose: false }),
  boom: () =>
    Object.assign(new Error('only GET'), {
      isBoom: true,
      output: { statusCode: 405, headers: { allow: 'GET' }, payload: {} },
    }),
  fetch: () => new TypeError('fetch failed', { cause: new Error('inside words') }),
  aggregate: () => new AggregateError([new Error('inside words')], 'inside words'),
  zod: () => Object.assign(new Error('inside words'), { name: 'ZodError', issues: [{ path: ['inside'] }] }),
  'no error': () => ({ status: 404, message: 'inside words' }),
  bottle: () => new BottleError(Code.RESOURCE_EXHAUSTED, 'busy', 'not now', { details: { left: 0 } }),
};

/** Throws one of them, with headers set before. */
export const stated = defineFunction.http((ctx) => {
  ctx.set('retry-after', '7');
  ctx.set('content-type', 'text/html');
  ctx.set('etag', '"1"');
  ctx.cookies.set('seen', '1');
  throw THROWN[ctx.params['kind'] ?? '']?.();
});

/** What would break the frame of the answer, or cannot be written: set before, and smuggled into the error. */
export const framing = defineFunction.http((ctx) => {
  ctx.set('transfer-encoding', 'chunked');
  ctx.set('connection', 'x-own');
  ctx.set('x-own', '1');
  ctx.set('x-kept', '1');
  if (ctx.params['kind'] === 'set') ctx.throw(404, 'framed');
  const responseHeaders = {
    'x-kept': ['1'],
    'x-bad': ['a\nb: c'],
    'x b': ['1'],
    trailer: ['x'],
    'content-length': ['1'],
  };
  throw new BottleError(Code.NOT_FOUND, 'framed', 'framed', { details: { responseHeaders } });
});

export const named = defineFunction.http((ctx) => {
  ctx.set('x-request-id', 'mine');
  return 'named';
});
