// ETags, ranges and files on real processes, over HTTP/1.1 and HTTP/2.
import { once } from 'node:events';
import {
  appendFileSync,
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, openSession } from './harness/http2-client.ts';
import { TestPod } from './harness/pod.ts';
import type { TestProcess } from './harness/process.ts';
import { rawHttp } from './harness/raw-http.ts';

const directory = mkdtempSync(join(tmpdir(), 'bt-files-'));
let pod: TestPod & { runtime: TestProcess; sidecar: TestProcess };
beforeAll(async () => {
  const h2c = ['--http2-enabled', 'true', '--http2-port', '0', '--http2-host', '127.0.0.1'];
  const sidecarArgs = ['--grants', 'warn', '--data-dir', join(directory, 'data'), ...h2c];
  pod = await TestPod.start({ project: 'http-results', sidecarArgs });
});
afterAll(async () => {
  await pod.end();
  rmSync(directory, { recursive: true, force: true });
});

/** A file that does not fit what may be under way between its reader and the disk. Answers its path. */
function makeGrowing(): string {
  const path = join(directory, 'growing.bin');
  writeFileSync(path, Buffer.alloc(40_000_000, 'a'));
  return path;
}

const get = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
  fetch(pod.url + path, { method, headers: { 'accept-encoding': 'identity', ...headers } });

describe('an automatic ETag', () => {
  it('makes a repeat a 304 without a body or its headers', async () => {
    const first = await get('/value');
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^W\/"/);
    const raw = await rawHttp(pod.port, [
      `GET /value HTTP/1.1\r\nHost: a\r\nIf-None-Match: "x", ${etag}\r\nConnection: close\r\n\r\n`,
    ]);
    expect(raw).toMatch(/^HTTP\/1\.1 304 Not Modified\r\n/);
    expect(raw).toContain(`etag: ${etag}\r\n`);
    expect(raw).not.toMatch(/content-(length|type)/i);
    expect(raw).toMatch(/\r\n\r\n$/);
    const head = await get('/value', { 'if-none-match': etag }, 'HEAD');
    expect(head.status).toBe(304);
  });
  it('keeps a body that streams between the processes from travelling', async () => {
    const etag = (await get('/bytes')).headers.get('etag') ?? '';
    const again = await get('/bytes', { 'if-none-match': etag });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });
  it('is none for POST, and where serverless.yml or the function says so', async () => {
    for (const response of [await get('/value', {}, 'POST'), await get('/untagged'), await get('/untagged-in-code')]) {
      expect([response.status, response.headers.get('etag')]).toEqual([200, null]);
    }
  });
});

describe('a part', () => {
  it('of a Buffer, a Response and a file', async () => {
    for (const path of ['/bytes', '/response', '/file/digits.txt']) {
      const response = await get(path, { range: 'bytes=3-6' });
      const { headers } = response;
      expect([response.status, headers.get('content-length'), await response.text()]).toEqual([206, '4', '3456']);
      expect(headers.get('content-range')).toMatch(/^bytes 3-6\/(10|1000000)$/);
    }
  });
  it('is a problem document with the length where there is nothing', async () => {
    const response = await get('/file/digits.txt', { range: 'bytes=10-' });
    expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */10']);
    expect(await response.json()).toMatchObject({ reason: 'range-not-satisfiable' });
  });
});

describe('a file', () => {
  it('is sent with its headers, and its length for HEAD', async () => {
    const svg = await get('/file/logo.svg');
    expect(Object.fromEntries(svg.headers)).toMatchObject({
      'content-type': 'image/svg+xml; charset=utf-8',
      'content-length': '41',
      'cache-control': 'public, max-age=60',
      'accept-ranges': 'bytes',
    });
    const head = await get('/file/logo.svg', {}, 'HEAD');
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '41', '']);
    const known = { 'if-none-match': svg.headers.get('etag') ?? '' };
    expect((await get('/file/logo.svg', known)).status).toBe(304);
    expect((await get('/file/logo.svg', known, 'HEAD')).status).toBe(304);
  });
  it.each(['none', '', '%2e%2e/serverless.yml', '..%2fserverless.yml', '%2fetc%2fpasswd', '/etc/passwd', 'a%00'])(
    'is not there by the path %j',
    async (path) => {
      const raw = await rawHttp(pod.port, [`GET /file/${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`]);
      expect(raw).toMatch(/^HTTP\/1\.1 404 /);
      expect(raw).not.toContain('root:');
    },
  );
  it('is not there when it is a folder, or a link that leads out', async () => {
    writeFileSync(join(directory, 'secret.txt'), 'secret');
    const root = mkdtempSync(join(directory, 'root-'));
    symlinkSync('../secret.txt', join(root, 'link.txt'));
    expect((await get('/file/.', { 'x-root': directory })).status).toBe(404);
    expect((await get('/file/link.txt', { 'x-root': root })).status).toBe(404);
    expect((await get('/file/secret.txt', { 'x-root': directory })).status).toBe(200);
  });
  it('of 300 MB is sent without being in memory, and a part of it at once', async () => {
    const descriptor = openSync(join(directory, 'huge.bin'), 'w');
    ftruncateSync(descriptor, 300_000_000);
    closeSync(descriptor);
    const peaksBefore = [pod.runtime, pod.sidecar].map(({ pid }) => peakMegabytes(pid));
    const response = await get('/file/huge.bin', { 'x-root': directory });
    let length = 0;
    for await (const chunk of response.body ?? []) length += chunk.length;
    expect(length).toBe(300_000_000);
    const grown = [pod.runtime, pod.sidecar].map(({ pid }, at) => peakMegabytes(pid) - (peaksBefore[at] ?? 0));
    for (const megabytes of grown) expect(megabytes).toBeLessThan(150);
    const last = await get('/file/huge.bin', { 'x-root': directory, range: 'bytes=-5' });
    expect([last.status, last.headers.get('content-range')]).toEqual([206, 'bytes 299999995-299999999/300000000']);
  });
  it('that changes while it is sent is cut off', async () => {
    const path = makeGrowing();
    const response = await get('/file/growing.bin', { 'x-root': directory });
    expect([response.status, response.headers.get('content-length')]).toEqual([200, '40000000']);
    appendFileSync(path, 'b'); // nobody has read anything yet
    await expect(response.arrayBuffer()).rejects.toThrow(TypeError);
  });
});

it('over HTTP/2 as well', async () => {
  const { http2Port } = await pod.sidecar.said('sidecar listens');
  const session = await openSession(`http://127.0.0.1:${String(http2Port)}`);
  const etag = (await ask(session, '/value')).headers.etag ?? '';
  const same = await ask(session, '/value', { 'if-none-match': etag });
  expect([same.status, same.headers['content-length'], same.body.length]).toEqual([304, undefined, 0]);
  const part = await ask(session, '/file/digits.txt', { range: 'bytes=-2' });
  expect([part.status, part.headers['content-range'], part.body.toString()]).toEqual([206, 'bytes 8-9/10', '89']);
  const path = makeGrowing();
  const stream = session.request({ ':path': '/file/growing.bin', 'x-root': directory, 'accept-encoding': 'identity' });
  const [head] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  expect(head[':status']).toBe(200);
  appendFileSync(path, 'b'); // nobody has read anything yet
  await expect(finished(stream.resume())).rejects.toThrow('NGHTTP2_INTERNAL_ERROR');
  session.destroy();
});

/** The most that a process has ever had in memory. */
function peakMegabytes(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
}
