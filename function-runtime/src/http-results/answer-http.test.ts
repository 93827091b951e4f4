import { describe, expect, it } from 'vitest';
import type { HttpRequest__Output } from '@bottle/protos';
import type { EncodedResult } from '../invoke/encode-result.ts';
import type { ResponseState } from '../invoke/http-context.ts';
import { answerHttp } from './answer-http.ts';

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  set?: Record<string, string>;
  etag?: boolean;
  status?: number;
}

async function answer(result: unknown, { method = 'GET', headers = {}, set = {}, etag = true, status }: Asked = {}) {
  const http = { method, headers: Object.entries(headers).flat() } as unknown as HttpRequest__Output;
  const state: ResponseState = {
    body: undefined,
    status,
    headers: new Map(Object.entries(set).map(([name, value]) => [name, [value]])),
  };
  const encoded = await answerHttp(result, { http, state, etag });
  const pairs = encoded.response.http?.headers ?? [];
  const names = pairs.filter((_, at) => at % 2 === 0);
  const found = Object.fromEntries(names.map((name, at) => [name, pairs[at * 2 + 1]]));
  return { status: encoded.response.http?.status, headers: found, text: await textOf(encoded) };
}

async function textOf({ bytes, stream }: EncodedResult): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream ?? []) chunks.push(chunk);
  return (stream ? Buffer.concat(chunks) : bytes).toString();
}

const DIGITS = '0123456789';
const RESULTS: [string, () => unknown][] = [
  ['Buffer', () => Buffer.from(DIGITS)],
  ['typed array', () => new Uint8Array(Buffer.from(DIGITS))],
  ['Blob', () => new Blob([DIGITS])],
  ['File', () => new File([DIGITS], 'digits.txt')],
  ['Response of text', () => new Response(DIGITS)],
  ['Response of bytes', () => new Response(Buffer.from(DIGITS))],
  [
    'Response of a stream that says its length',
    () => new Response(slowly('01', '2345', '6789'), { headers: { 'content-length': '10' } }),
  ],
];

function slowly(...chunks: string[]): ReadableStream {
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      const chunk = chunks.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(Buffer.from(chunk));
    },
  });
}

describe('an ETag', () => {
  it.each(['GET', 'HEAD'])('is made for what does not stream, the same for the same bytes: %s', async (method) => {
    const first = await answer({ a: 1 }, { method });
    const { etag = '' } = first.headers;
    expect([first.status, etag, first.text]).toEqual([200, expect.stringMatching(/^W\/"7-[\w-]{22}"$/), '{"a":1}']);
    const second = await answer({ a: 1 }, { method, headers: { 'if-none-match': `"x", ${etag}` } });
    expect(second).toEqual({ status: 304, headers: { etag }, text: '' });
    expect((await answer({ a: 2 }, { method, headers: { 'if-none-match': etag } })).status).toBe(200);
  });
  it('of a Response that is all there, and of none that streams', async () => {
    const { headers } = await answer(Response.json({ a: 1 }));
    expect(headers).toMatchObject({
      etag: expect.stringMatching(/^W\//) as string,
      'content-type': 'application/json',
    });
    expect((await answer(new Response(slowly('a', 'b')))).headers).toEqual({});
    expect((await answer(new Response(slowly('a', 'b')))).text).toBe('ab');
  });
  it.each<[string, unknown, Asked]>([
    ['other methods', 'x', { method: 'POST' }],
    ['other statuses', 'x', { status: 201 }],
    ['no body', null, {}],
    ['an empty body', '', {}],
    ['a stream', slowly('x'), {}],
    ['cache-control: no-store', 'x', { set: { 'cache-control': 'private, no-store' } }],
    ['a cookie', 'x', { set: { 'set-cookie': 'a=1' } }],
    ['server-sent events', 'x', { set: { 'content-type': 'text/event-stream' } }],
    ['where it is switched off', 'x', { etag: false }],
    ['more than 8 MiB', Buffer.alloc(8 * 1024 * 1024 + 1), {}],
  ])('is not made for %s', async (_what, result, asked) => {
    const headers = { 'if-none-match': '*' };
    const { status, headers: sent } = await answer(result, { ...asked, headers });
    expect(status).not.toBe(304);
    expect(sent['etag']).toBeUndefined();
  });
  it('of the function’s own counts, whatever is switched off', async () => {
    const asked = { set: { etag: '"own"', 'x-kept': '1', 'cache-control': 'no-store' }, etag: false };
    const same = await answer('x', { ...asked, headers: { 'if-none-match': 'W/"own"' } });
    expect(same).toEqual({ status: 304, headers: asked.set, text: '' });
    const stream = () => new Response(slowly('a'), { headers: { etag: '"own"', 'content-length': '1' } });
    expect((await answer(stream(), { headers: { 'if-none-match': '"own"' } })).status).toBe(304);
    expect((await answer('x', { ...asked, headers: { 'if-match': '"other"' } }).catch(statusOf)) as unknown).toBe(412);
  });
  it('leaves the date of the function’s own to decide where the client has no tag', async () => {
    const set = { 'last-modified': 'Mon, 06 Jan 2025 10:00:00 GMT' };
    const since = { 'if-modified-since': 'Mon, 06 Jan 2025 10:00:00 GMT' };
    expect((await answer('x', { set, headers: since })).status).toBe(304);
    expect((await answer('x', { set, headers: { ...since, 'if-none-match': '"a"' } })).status).toBe(200);
    expect((await answer('x', { headers: since })).status).toBe(200);
  });
});

describe.each(RESULTS)('a part of a %s', (_name, result) => {
  it('is sent when it is asked for', async () => {
    expect(await answer(result(), { headers: { range: 'bytes=2-5' } })).toMatchObject({
      status: 206,
      headers: { 'content-range': 'bytes 2-5/10', 'content-length': '4', 'accept-ranges': 'bytes' },
      text: '2345',
    });
    expect((await answer(result(), { headers: { range: 'bytes=-3' } })).text).toBe('789');
    expect((await answer(result(), { headers: { range: 'bytes=3-' } })).text).toBe('3456789');
    expect((await answer(result(), { headers: { range: 'bytes=0-0' } })).text).toBe('0');
  });
  it('is the whole for several parts, another unit, HEAD and what If-Range does not know', async () => {
    for (const headers of [
      { range: 'bytes=0-1,4-5' },
      { range: 'lines=0-1' },
      { range: 'bytes=0-1', 'if-range': '"other"' },
    ]) {
      expect(await answer(result(), { headers })).toMatchObject({ status: 200, text: DIGITS });
    }
    const head = await answer(result(), { method: 'HEAD', headers: { range: 'bytes=0-1' } });
    expect(head.status).toBe(200);
  });
  it('is sent for the function’s own strong tag in If-Range', async () => {
    const headers = { range: 'bytes=0-1', 'if-range': '"v1"' };
    expect(await answer(result(), { headers, set: { etag: '"v1"' } })).toMatchObject({ status: 206, text: '01' });
  });
  it('is 416 where there is nothing', async () => {
    expect(await answer(result(), { headers: { range: 'bytes=10-' } }).catch(statusOf)).toBe(416);
  });
});

it('has no part of JSON and text, nor where a function says so', async () => {
  const headers = { range: 'bytes=0-0' };
  expect((await answer({ a: 1 }, { headers })).status).toBe(200);
  expect((await answer('text', { headers })).headers['accept-ranges']).toBeUndefined();
  const none = await answer(Buffer.from(DIGITS), { headers, set: { 'accept-ranges': 'none' } });
  expect([none.status, none.text]).toEqual([200, DIGITS]);
});

it('stops reading a stream of which it has sent the part, and one that the client has', async () => {
  const cancelled: string[] = [];
  const endless = (name: string) =>
    new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(Buffer.alloc(64 * 1024)),
        cancel: () => void cancelled.push(name),
      }),
      { headers: { 'content-length': '1000000000', etag: '"e"' } },
    );
  expect((await answer(endless('part'), { headers: { range: 'bytes=10-19' } })).text).toHaveLength(10);
  await answer(endless('same'), { headers: { 'if-none-match': '"e"' } });
  expect(cancelled).toEqual(['part', 'same']);
});

it('passes on what a stream fails with, after what it has given', async () => {
  const failing = new ReadableStream({
    start(controller) {
      controller.enqueue(Buffer.from('first'));
    },
    pull: (controller) => controller.error(new Error('broken')),
  });
  await expect(answer(new Response(failing))).rejects.toThrow('broken');
});

function statusOf(error: unknown): number {
  return (error as { httpStatus: number }).httpStatus;
}
