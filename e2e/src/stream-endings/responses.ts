// Results that stream: what the function returns, and how it ends.
import type { Row } from './row.ts';

interface Ending {
  kind: string;
  what: string;
  http1: string;
  /** @default as HTTP/1.1 has it */
  http2?: string;
  path?: string;
  good?: true;
}

const FAILED = '500 function-error';
const CUT = { http1: '200 "first", cut', http2: '200 "first", RST_STREAM INTERNAL_ERROR' };
const cutAfter = (body: string): Pick<Ending, 'http1' | 'http2'> => ({
  http1: `200 ${JSON.stringify(body)}, cut`,
  http2: `200 ${JSON.stringify(body)}, RST_STREAM INTERNAL_ERROR`,
});
const EVENT = 'data: first\n\n';
const LINE = '{"first":"first"}\n';

const ENDINGS: Ending[] = [
  { kind: 'generator-good', what: 'a generator that comes to its end', http1: '200 "firstsecond", whole', good: true },
  { kind: 'generator-first', what: 'a generator that throws before its first value', http1: FAILED },
  { kind: 'generator-first-late', what: 'a generator that throws before its first value, 300 ms later', http1: FAILED },
  { kind: 'generator-after', what: 'a generator that throws after a value', ...CUT },
  { kind: 'generator-after-late', what: 'a generator that throws 300 ms after a value', ...CUT },
  { kind: 'generator-typed-error', what: 'a generator that throws a BottleError after a value', ...CUT },
  { kind: 'generator-stray', what: 'a rejection that nobody catches, after a value', ...CUT },
  { kind: 'first', path: '/generated', what: 'a generator function that throws before its first value', http1: FAILED },
  { kind: 'first-late', path: '/generated', what: 'the same, 300 ms later', http1: FAILED },
  { kind: 'after', path: '/generated', what: 'a generator function that throws after a value', ...CUT },
  { kind: 'readable-first', what: 'a Readable destroyed with an error before any data', http1: FAILED },
  { kind: 'readable-first-silent', what: 'a Readable destroyed without an error before any data', http1: FAILED },
  { kind: 'readable-after', what: 'a Readable destroyed with an error after data', ...CUT },
  { kind: 'readable-after-silent', what: 'a Readable destroyed without an error after data', ...CUT },
  { kind: 'readable-read', what: 'a Readable that was read already', http1: '500 body-already-read' },
  { kind: 'web-first', what: 'a web stream that errors before a chunk', http1: FAILED },
  { kind: 'web-after', what: 'a web stream that errors after a chunk', ...CUT },
  { kind: 'response-first', what: 'a Response around a web stream that errors before a chunk', http1: FAILED },
  { kind: 'response-after', what: 'a Response around a web stream that errors after a chunk', ...CUT },
  { kind: 'response-read', what: 'a Response whose body was read already', http1: '500 body-already-read' },
  { kind: 'body-after', what: 'ctx.body, a generator that throws after a value', ...CUT },
  { kind: 'sse-first', what: 'server-sent events: throws before the first', http1: FAILED },
  { kind: 'sse-after', what: 'server-sent events: throws after one', ...cutAfter(EVENT) },
  { kind: 'sse-circular', what: 'server-sent events: a circular value after one', ...cutAfter(EVENT) },
  { kind: 'ndjson-after', what: 'NDJSON: throws after a line', ...cutAfter(LINE) },
  { kind: 'ndjson-circular', what: 'NDJSON: a circular value after a line', ...cutAfter(LINE) },
  { kind: 'ndjson-circular-first', what: 'NDJSON: a circular value first', http1: FAILED },
  { kind: 'wrong-type', what: 'a value that is neither text nor bytes, after one', ...CUT },
  { kind: 'length-short-first', what: 'no byte of the ten that content-length promised', http1: FAILED },
  { kind: 'length-short', what: 'five bytes of the ten that content-length promised', ...CUT },
  { kind: 'length-long-first', what: 'a first chunk that is longer than content-length', http1: FAILED },
  { kind: 'length-long', what: 'more than content-length, after some', ...CUT },
];

export const responses: Row[] = ENDINGS.flatMap(({ kind, what, http1, http2 = http1, path = '/result', good }) => {
  const name = path === '/result' ? 'result' : 'generated';
  const status = good ? 200 : 500;
  const row = {
    part: 'response',
    ending: what,
    log: good ? ('nothing' as const) : ('function' as const),
    metric: `bottle_requests_total{function="${name}",status="${status}"}`,
  };
  return [
    { ...row, way: 'HTTP/1.1', expected: http1, act: (stage) => stage.http1(`${path}/${kind}`) },
    { ...row, way: 'HTTP/2', expected: http2, act: (stage) => stage.http2(`${path}/${kind}`) },
  ] satisfies Row[];
});

/** Heads that do not wait for ever. */
export const heads: Row[] = [
  {
    part: 'response',
    way: 'HTTP/1.1',
    ending: 'no first value within the timeout',
    expected: '504 deadline',
    act: (stage) => stage.http1('/hurried/generator-never'),
    log: 'nothing',
    metric: 'bottle_requests_total{function="hurried",status="504"}',
  },
  ...['/result/sse-silent', '/generated/sse-silent', '/result/flushed'].map(
    (path): Row => ({
      part: 'response',
      way: 'HTTP/1.1',
      ending: `a head without a value, whose client then leaves (${path})`,
      expected: '200',
      act: async (stage) => String(await stage.statusOf(path)),
      log: 'nothing',
      metric: `bottle_requests_total{function="${path.split('/')[1]}",status="499"}`,
    }),
  ),
];
