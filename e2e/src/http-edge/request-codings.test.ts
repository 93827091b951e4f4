// Compressed request bodies: undone before the function sees them, whatever a client makes of it.
import { request } from 'node:http';
import type { ClientHttp2Session } from 'node:http2';
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, openSession } from '../harness/http2-client.ts';
import { json } from '../harness/json.ts';
import { TestPod } from '../harness/pod.ts';
import { rawHttp } from '../harness/raw-http.ts';

const H2C = ['--http2-enabled', 'true', '--http2-port', '0', '--http2-host', '127.0.0.1'];
let pod: TestPod;
let client: ClientHttp2Session;
beforeAll(async () => {
  const started = await TestPod.start({ project: 'edge', sidecarArgs: ['--limits-max-body-bytes', '2000000', ...H2C] });
  pod = started;
  const { http2Port } = await started.sidecar.said('sidecar listens');
  client = await openSession(`http://127.0.0.1:${String(http2Port)}`);
});
afterAll(async () => {
  client.destroy();
  await pod.end();
});

const JSON_TYPE = { 'content-type': 'application/json' };
const text = JSON.stringify({ grüße: 'x'.repeat(3_000) });
const post = (path: string, body: Buffer, encoding: string, more: Record<string, string> = {}): Promise<Response> =>
  fetch(pod.url + path, { method: 'POST', body, headers: { ...JSON_TYPE, 'content-encoding': encoding, ...more } });
/** Sends head and pieces, and returns the whole answer. */
const raw = (encoding: string, pieces: readonly (string | Buffer)[], path = '/echo', pauseMs = 0): Promise<string> => {
  const head = `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Encoding: ${encoding}\r\n`;
  return rawHttp(pod.port, [`${head}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n`, ...pieces], { pauseMs });
};
const chunk = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);

describe('a compressed request', () => {
  it.each([
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['GZIP', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['br', brotliCompressSync(text)],
    ['zstd', zstdCompressSync(text)],
    ['gzip, br', brotliCompressSync(gzipSync(text))],
    ['identity, zstd, gzip, deflate', deflateSync(gzipSync(zstdCompressSync(text)))],
    ['identity', Buffer.from(text)],
    ['gzip', Buffer.concat([gzipSync(text.slice(0, 50)), gzipSync(text.slice(50))])],
  ])('in %s reaches the function as it was', async (encoding, body) => {
    expect((await json(post('/echo', body, encoding)))['event']).toEqual(JSON.parse(text));
    const http2 = { ':method': 'POST', ...JSON_TYPE, 'content-encoding': encoding };
    expect(JSON.parse((await ask(client, '/echo', http2, body)).body.toString())).toMatchObject({
      event: JSON.parse(text) as object,
    });
  });
  it('has no fields that speak of the bytes on the wire', async () => {
    const sums = { 'content-md5': 'a', 'content-digest': 'b', 'x-mine': 'c' };
    const { headers } = await json<{ headers: Record<string, string> }>(post('/echo', gzipSync(text), 'gzip', sums));
    expect(Object.keys(headers).filter((name) => /encoding|length|md5|digest/.test(name))).toEqual(['accept-encoding']);
    expect(headers).toMatchObject({ ...JSON_TYPE, 'x-mine': 'c' });
  });
  it('streams, however much comes out of it', async () => {
    const body = gzipSync(Buffer.from(Array.from({ length: 3_000_000 }, () => Math.floor(Math.random() * 256))));
    expect(await json(post('/upload', body, 'gzip'))).toMatchObject({ length: 3_000_000 });
  });
  it('without a body is a request without a body', async () => {
    const headers = { 'content-encoding': 'gzip' };
    expect((await json(fetch(`${pod.url}/echo`, { headers })))['event']).toBeNull();
    expect(await raw('gzip', ['0\r\n\r\n'])).toContain('"event":null');
  });
});

describe('a coding that is not understood', () => {
  it.each(['compress', 'gzip, x-own', 'br;q=1', 'a, '.repeat(1_000), Array(1_000).fill('gzip').join()])(
    'is 415 with those that are (%#)',
    async (encoding) => {
      const response = await post('/echo', gzipSync(text), encoding);
      expect([response.status, response.headers.get('accept-encoding')]).toEqual([415, 'gzip, deflate, br, zstd']);
      expect(await response.json()).toMatchObject({ reason: 'unknown-content-encoding', status: 415 });
    },
  );
});

describe('a body that is no such data', () => {
  const bodies = {
    gzip: gzipSync(text),
    deflate: deflateSync(text),
    br: brotliCompressSync(text),
    zstd: zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
  };
  it.each(Object.entries(bodies))(
    '%s: plain text, cut off, changed, or with more behind it is 400',
    async (encoding, body) => {
      const changed = Buffer.from(body);
      changed.fill(0xa5, changed.length >> 1, (changed.length >> 1) + 4);
      const wrong = [Buffer.from(text), body.subarray(0, -3), changed, Buffer.concat([body, Buffer.from('more')])];
      for (const bytes of wrong) {
        const answer = await json(post('/echo', bytes, encoding));
        expect(answer).toMatchObject({ status: 400, reason: 'bad-content-encoding' });
        expect(await json(post('/upload', bytes, encoding))).toMatchObject({ reason: 'bad-content-encoding' });
      }
    },
  );
});

describe('a hostile client', () => {
  it('is refused by the limit on what comes out: 413', async () => {
    const body = gzipSync(Buffer.alloc(2_000_001, 'abcdefghij0123456789'), { level: 1 });
    expect(await json(post('/echo', body, 'gzip', { 'content-type': 'text/plain' }))).toMatchObject({ status: 413 });
    const exact = Buffer.from(Array.from({ length: 2_000_000 }, () => Math.floor(Math.random() * 256)));
    expect((await post('/echo', gzipSync(exact), 'gzip', { 'content-type': 'image/png' })).status).toBe(200);
  });
  it.each([
    ['gzip', gzipSync(Buffer.alloc(50_000_000))],
    ['br', brotliCompressSync(Buffer.alloc(50_000_000))],
    ['zstd', zstdCompressSync(Buffer.alloc(50_000_000))],
    ['gzip, gzip', gzipSync(gzipSync(Buffer.alloc(50_000_000)))],
    ['gzip, br', brotliCompressSync(Buffer.concat(Array<Buffer>(2_000_000).fill(gzipSync(''))))],
  ])('with a bomb (%s) is refused, where bodies are collected and where they stream', async (encoding, bomb) => {
    expect((await post('/echo', bomb, encoding, { 'content-type': 'text/plain' })).status).toBe(413);
    expect(await json(post('/upload', bomb, encoding))).toMatchObject({ status: 413, reason: 'compression-ratio' });
  });
  it('that never ends its body, or sends it byte by byte, is told after the timeout', async () => {
    const start = chunk(gzipSync(text).subarray(0, 40));
    expect(await raw('gzip', [start])).toMatch(/^HTTP\/1\.1 408 /);
    const drops = [...gzipSync(text).subarray(0, 30)].map((byte) => chunk(Buffer.from([byte])));
    expect(await raw('gzip', drops, '/echo', 100)).toMatch(/^HTTP\/1\.1 408 /);
  });
  it('that leaves in the middle costs nothing afterwards', async () => {
    for (const path of ['/echo', '/upload']) {
      const leaving = request(pod.url + path, { method: 'POST', headers: { 'content-encoding': 'br' } });
      leaving.on('error', () => {});
      leaving.write(brotliCompressSync(text).subarray(0, 20));
      await new Promise((resolve) => setTimeout(resolve, 50));
      leaving.destroy();
    }
    await expect
      .poll(async () => {
        const { functions } = await json<{ functions: { inFlight: number }[] }>(pod.admin('/functions'));
        return functions.reduce((sum, { inFlight }) => sum + inFlight, 0);
      })
      .toBe(0);
    expect((await post('/echo', gzipSync('{}'), 'gzip')).status).toBe(200);
  });
});
