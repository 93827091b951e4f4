// Compressed responses: what is chosen, what is left alone, and how they stream and break off.
import { once } from 'node:events';
import { request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { ClientHttp2Session } from 'node:http2';
import {
  brotliDecompressSync,
  createBrotliDecompress,
  createGunzip,
  createZstdDecompress,
  gunzipSync,
  zstdDecompressSync,
} from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, openSession } from '../harness/http2-client.ts';
import { json } from '../harness/json.ts';
import { TestPod, waitFor } from '../harness/pod.ts';

const H2C = ['--http2-enabled', 'true', '--http2-port', '0', '--http2-host', '127.0.0.1'];
let pod: TestPod;
let client: ClientHttp2Session;
beforeAll(async () => {
  const started = await TestPod.start({ project: 'edge', sidecarArgs: H2C });
  pod = started;
  const { http2Port } = await started.sidecar.said('sidecar listens');
  client = await openSession(`http://127.0.0.1:${String(http2Port)}`);
});
afterAll(async () => {
  client.destroy();
  await pod.end();
});

const DECODE = { br: brotliDecompressSync, zstd: zstdDecompressSync, gzip: gunzipSync } as const;
const DECODER = { br: createBrotliDecompress, zstd: createZstdDecompress, gzip: createGunzip } as const;
type Coding = keyof typeof DECODE;
const CODINGS = ['br', 'zstd', 'gzip'] as const;
const ALL = 'gzip, deflate, br, zstd';

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
  /** It ended as its head said. */
  isWhole: boolean;
}
/** Nothing is decoded on the way, as fetch would. */
function get(path: string, headers: OutgoingHttpHeaders = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(pod.url + path, { headers, method, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => {});
      response.on('close', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
          isWhole: response.complete,
        }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}
const encodingOf = async (path: string, accepts: string): Promise<string | undefined> =>
  (await get(path, { 'accept-encoding': accepts })).headers['content-encoding'];

describe('the coding', () => {
  it.each([
    ['gzip', 'gzip'],
    ['x-gzip', 'gzip'],
    ['br', 'br'],
    ['zstd', 'zstd'],
    ['gzip, deflate, br', 'br'],
    [ALL, 'zstd'],
    ['GZIP;Q=0.5 , BR;q=0.4', 'gzip'],
    ['zstd;q=0, br;q=0.001', 'br'],
    ['*', 'zstd'],
    ['*;q=0.5, gzip', 'gzip'],
    ['*;q=0.1, zstd;q=0, br;q=0', 'gzip'],
    ['identity, gzip;q=0.5', undefined],
    ['gzip;q=0', undefined],
    ['*;q=0', undefined],
    ['identity;q=0', undefined],
    ['deflate', undefined],
    ['gzip;q=2, br;q=x', undefined],
    ['', undefined],
    [',,;;q=,', undefined],
  ])('for "%s" is %s', async (accepts, coding) => {
    const { headers, body } = await get('/data', { 'accept-encoding': accepts });
    expect([headers['content-encoding'], headers.vary]).toEqual([coding, 'accept-encoding']);
    const plain = coding === undefined ? body : DECODE[coding as Coding](body);
    expect(plain.length).toBe(2_000);
    expect(headers['content-length']).toBe(String(body.length));
    expect(body.length < 200).toBe(coding !== undefined);
  });
  it.each(CODINGS)(
    '%s gives back what the function said, of any size, whole or streamed, in both versions',
    async (coding) => {
      for (const size of [1_024, 20_000, 100_000, 3_000_000]) {
        for (const stream of ['', '&stream']) {
          const path = `/data?bytes=${size}${stream}`;
          const plain = (await get(path)).body;
          expect(plain.length).toBe(size);
          const { body, headers } = await get(path, { 'accept-encoding': coding });
          expect([headers['content-encoding'], DECODE[coding](body).equals(plain)]).toEqual([coding, true]);
          const over2 = await ask(client, path, { 'accept-encoding': coding });
          expect([over2.headers['content-encoding'], DECODE[coding](over2.body).equals(plain)]).toEqual([coding, true]);
        }
      }
    },
  );
  it('is undone by fetch', async () => {
    const response = await fetch(`${pod.url}/data?bytes=50000`);
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect((await response.text()).length).toBe(50_000);
  });
});

describe('what is left alone', () => {
  it.each([
    ['a small body', '/data?bytes=1023'],
    ['a picture', '/data?type=image/png'],
    ['a type that nobody named', '/data?type=application/octet-stream'],
    ['server-sent events', '/trickle?ms=1&type=text/event-stream'],
    ['what is coded already', '/data?h.content-encoding=x-own'],
    ['what says identity', '/data?h.content-encoding=identity'],
    ['no-transform', '/data?h.cache-control=max-age%3D5,%20no-transform'],
    ['a body with a digest', '/data?h.content-digest=sha-256%3D:AAAA:'],
    ['a part', '/data?status=206&h.content-range=bytes%200-1999/9000'],
    ['204', '/data?status=204'],
    ['a picture that has not changed', '/data?status=304&type=image/png'],
  ])('%s', async (_name, path) => {
    const { headers } = await get(path, { 'accept-encoding': ALL });
    expect(headers['content-encoding']).toBe(
      new URLSearchParams(path.split('?')[1]).get('h.content-encoding') ?? undefined,
    );
    expect(headers.vary).toBeUndefined();
  });
  it('the answer to a request for a part', async () => {
    expect(
      (await get('/data', { 'accept-encoding': ALL, range: 'bytes=0-99' })).headers['content-encoding'],
    ).toBeUndefined();
  });
  it('nothing that can be coded, when the client does not take it plain', async () => {
    expect(await encodingOf('/data?bytes=100&type=image/png', 'gzip, identity;q=0')).toBe('gzip');
    expect(await encodingOf('/data?bytes=100&type=image/png', 'gzip, *;q=0')).toBe('gzip');
  });
});

describe('the head of a compressed answer', () => {
  it('keeps what the function says in Vary', async () => {
    const varyOf = async (vary: string) =>
      (await get(`/data?h.vary=${vary}`, { 'accept-encoding': 'br' })).headers.vary;
    expect(await varyOf('Origin')).toBe('Origin, accept-encoding');
    expect(await varyOf('Accept-Encoding')).toBe('Accept-Encoding');
    expect(await varyOf('*')).toBe('*');
  });
  it('has a weak entity tag, which a 304 repeats, and no ranges', async () => {
    const coded = await get('/data?h.etag=%22v1%22&h.accept-ranges=bytes', { 'accept-encoding': 'br' });
    expect([coded.headers.etag, coded.headers['accept-ranges']]).toEqual(['W/"v1"', undefined]);
    expect((await get('/data?h.etag=W/%22v1%22', { 'accept-encoding': 'br' })).headers.etag).toBe('W/"v1"');
    expect((await get('/data?h.etag=%22v1%22')).headers.etag).toBe('"v1"');
    const again = (tag: string) =>
      get('/data?status=304&h.etag=%22v1%22', { 'if-none-match': tag, 'accept-encoding': 'br' });
    const [weak, strong] = [await again('W/"v1"'), await again('"v1"')];
    expect([weak.status, weak.headers.etag, weak.headers.vary]).toEqual([304, 'W/"v1"', 'accept-encoding']);
    expect(strong.headers.vary).toBe('accept-encoding');
    expect([strong.headers.etag, strong.body.length]).toEqual(['"v1"', 0]);
  });
  it('is the same for HEAD, without a length that nobody has counted', async () => {
    const head = await get('/data?h.etag=%22v1%22', { 'accept-encoding': 'br' }, 'HEAD');
    expect(head.headers).toMatchObject({ 'content-encoding': 'br', vary: 'accept-encoding', etag: 'W/"v1"' });
    expect([head.headers['content-length'], head.body.length]).toEqual([undefined, 0]);
    expect((await get('/data', {}, 'HEAD')).headers['content-length']).toBe('2000');
  });
});

/** What can be read of data that is not whole. */
async function untilItBreaks(coding: Coding, data: Buffer): Promise<string> {
  const decoder = DECODER[coding]();
  let text = '';
  decoder.on('data', (piece: Buffer) => (text += piece.toString()));
  decoder.end(data);
  await once(decoder, 'error');
  return text;
}

describe('a compressed stream', () => {
  it.each(CODINGS)('hands on what is yielded when it is yielded (%s)', async (coding) => {
    const sent = request(`${pod.url}/trickle?ms=400`, { headers: { 'accept-encoding': coding } }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const decoder = response.pipe(DECODER[coding]());
    const arrivals: { text: string; at: number }[] = [];
    decoder.on('data', (piece: Buffer) => arrivals.push({ text: piece.toString(), at: performance.now() }));
    await once(decoder, 'end');
    expect(arrivals.map(({ text }) => text)).toEqual(['one\n', 'two\n', 'three\n']);
    const [first, second, third] = arrivals.map(({ at }) => at);
    expect([(second ?? 0) - (first ?? 0) > 200, (third ?? 0) - (second ?? 0) > 200]).toEqual([true, true]);
  });
  it.each(CODINGS)('that fails is cut off, and is no whole data (%s)', async (coding) => {
    const cut = await get('/cut-off', { 'accept-encoding': coding });
    expect([cut.status, cut.headers['content-encoding'], cut.isWhole]).toEqual([200, coding, false]);
    expect(() => DECODE[coding](cut.body)).toThrow('unexpected end');
    expect(await untilItBreaks(coding, cut.body)).toBe(`${'this much was said\n'.repeat(200)}and this`);
    const over2 = await ask(client, '/cut-off', { 'accept-encoding': coding });
    expect([over2.status, over2.resetCode > 0]).toEqual([200, true]);
    expect(() => DECODE[coding](over2.body)).toThrow('unexpected end');
  });
  it('stops its source while the reader does not read, and ends it when it leaves', async () => {
    const sent = request(`${pod.url}/endless`, { headers: { 'accept-encoding': 'gzip' } }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    expect(response.headers['content-encoding']).toBe('gzip');
    response.pause();
    const state = () => json<{ chunks: number; ended: number }>(fetch(`${pod.url}/produced`));
    let previous = -1;
    await waitFor(async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      const { chunks } = await state();
      const stands = chunks === previous && chunks > 1;
      previous = chunks;
      return stands;
    }, 20_000);
    expect(previous * 65_536).toBeLessThan(64 * 1024 * 1024);
    const { ended } = await state();
    sent.on('error', () => {}).destroy();
    await waitFor(async () => (await state()).ended === ended + 1, 5_000);
  });
});

describe('switched off', () => {
  it('leaves every body as it is', async () => {
    const plain = await TestPod.start({ project: 'edge', sidecarArgs: ['--compression-enabled', 'false'] });
    try {
      const response = await fetch(`${plain.url}/data`, { headers: { 'accept-encoding': ALL } });
      expect([response.headers.get('content-encoding'), response.headers.get('vary')]).toEqual([null, null]);
    } finally {
      await plain.end();
    }
  });
});
