import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaaSLogger, SendFileOptions } from '../context.ts';
import { createFakeBottle, type FakeHttpContextOptions } from '../testing/index.ts';

const fake = createFakeBottle();
const warnings: object[] = [];
const logger = { warn: (fields: object) => void warnings.push(fields) } as FaaSLogger;
let projectDir: string;

beforeAll(() => {
  projectDir = mkdtempSync(join(tmpdir(), 'bt-files-'));
  const write = (path: string, content: string | Buffer): void => writeFileSync(join(projectDir, path), content);
  mkdirSync(join(projectDir, 'public/sub/.hidden'), { recursive: true });
  mkdirSync(join(projectDir, 'public-not'));
  write('secret.txt', 'secret');
  write('public-not/x.txt', 'secret');
  write('public/digits.txt', '0123456789');
  write('public/grüße "1".txt', 'x');
  write('public/empty.bin', '');
  write('public/x.constructor', 'x');
  write('public/.env', 'secret');
  write('public/sub/.hidden/x.txt', 'secret');
  write('public/large.bin', Buffer.alloc(1_000_000, 'l'));
  symlinkSync('../secret.txt', join(projectDir, 'public/escape.txt'));
  symlinkSync('..', join(projectDir, 'public/up'));
  symlinkSync('digits.txt', join(projectDir, 'public/inside.txt'));
  symlinkSync('loop.txt', join(projectDir, 'public/loop.txt'));
  symlinkSync('public', join(projectDir, 'linked-root'));
  execFileSync('mkfifo', [join(projectDir, 'public/pipe')]);
});
afterAll(async () => {
  rmSync(projectDir, { recursive: true, force: true });
  await fake.close();
});

/** As a test of a function sees it. */
async function send(path: string, options: SendFileOptions = { root: 'public' }, asked: FakeHttpContextOptions = {}) {
  const ctx = fake.httpContext({ ...asked, projectDir, logger });
  await ctx.sendFile(path, options);
  const headers = Object.fromEntries(Object.entries(ctx.response.headers).map(([name, lines]) => [name, lines.join()]));
  return { status: ctx.status, headers, body: await textOf(ctx.body) };
}

async function textOf(body: unknown): Promise<string | null> {
  if (body === null || body instanceof Uint8Array) return body && Buffer.from(body).toString();
  const chunks: Uint8Array[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('a file', () => {
  it('is sent with its type, length, time and tag', async () => {
    expect(await send('digits.txt')).toEqual({
      status: 200,
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        'content-length': '10',
        'last-modified': expect.stringMatching(/ GMT$/) as string,
        etag: expect.stringMatching(/^"[\w-]+"$/) as string,
        'accept-ranges': 'bytes',
      },
      body: '0123456789',
    });
    expect((await send('large.bin')).body).toBe('l'.repeat(1_000_000));
    expect(await send('empty.bin')).toMatchObject({ status: 200, body: '', headers: { 'content-length': '0' } });
  });
  it('is found from its root, the project’s folder and by links that stay inside', async () => {
    const files: [string, SendFileOptions?][] = [
      ['digits.txt', { root: join(projectDir, 'public') }],
      ['/digits.txt'],
      ['sub/../digits.txt'],
      ['inside.txt'],
      ['digits.txt', { root: 'linked-root' }],
      ['public/digits.txt', {}],
      [join(projectDir, 'public/digits.txt'), {}],
      [join(projectDir, 'public/digits.txt')],
    ];
    for (const [path, options] of files) expect((await send(path, options)).body).toBe('0123456789');
  });
  it('is saved, kept and typed as the function says', async () => {
    const options = {
      root: 'public',
      maxAge: '1h',
      immutable: true,
      contentType: 'text/x-own',
      download: true,
    } as const;
    expect((await send('digits.txt', options)).headers).toMatchObject({
      'content-type': 'text/x-own',
      'cache-control': 'public, max-age=3600, immutable',
      'content-disposition': 'attachment; filename="digits.txt"',
    });
    const named = await send('digits.txt', { root: 'public', download: 'grüße "1".txt' });
    expect(named.headers['content-disposition']).toBe(
      `attachment; filename="gr__e _1_.txt"; filename*=UTF-8''gr%C3%BC%C3%9Fe%20%221%22.txt`,
    );
    expect((await send('x.constructor')).headers['content-type']).toBe('application/octet-stream');
  });
  it('is its length alone for HEAD', async () => {
    expect(await send('digits.txt', undefined, { method: 'HEAD' })).toMatchObject({
      status: 200,
      headers: { 'content-length': '10' },
      body: null,
    });
  });
  it('is not sent to who has it', async () => {
    const { headers } = await send('digits.txt');
    const { etag = '', 'last-modified': time = '' } = headers;
    for (const known of [{ 'if-none-match': etag }, { 'if-none-match': `W/${etag}` }, { 'if-modified-since': time }]) {
      expect(await send('digits.txt', undefined, { headers: known })).toMatchObject({ status: 304, body: null });
    }
    expect((await send('digits.txt', undefined, { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
    await expect(send('digits.txt', undefined, { headers: { 'if-match': '"x"' } })).rejects.toMatchObject({
      httpStatus: 412,
    });
  });
  it('is sent in part: 206, 416, or the whole where If-Range does not know it', async () => {
    const { etag = '', 'last-modified': time = '' } = (await send('digits.txt')).headers;
    const part = (headers: Record<string, string>) => send('digits.txt', undefined, { headers });
    expect(await part({ range: 'bytes=2-5' })).toMatchObject({
      status: 206,
      headers: { 'content-range': 'bytes 2-5/10', 'content-length': '4' },
      body: '2345',
    });
    expect((await part({ range: 'bytes=-1', 'if-range': etag })).body).toBe('9');
    expect((await part({ range: 'bytes=-1', 'if-range': time })).body).toBe('9');
    expect(await part({ range: 'bytes=-1', 'if-range': '"x"' })).toMatchObject({ status: 200, body: '0123456789' });
    expect(await part({ range: 'bytes=0-1,3-4' })).toMatchObject({ status: 200, body: '0123456789' });
    await expect(part({ range: 'bytes=10-' })).rejects.toMatchObject({ httpStatus: 416 });
  });
  it('is another one when it is written again, within the same second too', async () => {
    const path = join(projectDir, 'public/again.txt');
    const tags = new Set<string>();
    for (const ms of [1, 2, 3]) {
      writeFileSync(path, 'same size');
      utimesSync(path, 1_700_000_000, 1_700_000_000 + ms / 1_000);
      tags.add((await send('again.txt')).headers['etag'] ?? '');
    }
    expect(tags.size).toBe(3);
  });
  it('is whole, without conditions, under a status of the function’s own', async () => {
    const ctx = fake.httpContext({ projectDir, headers: { range: 'bytes=0-1', 'if-none-match': '*' } });
    ctx.status = 404;
    await ctx.sendFile('digits.txt', { root: 'public' });
    expect([ctx.status, await textOf(ctx.body)]).toEqual([404, '0123456789']);
  });
});

describe('what is no file in its root is 404', () => {
  it.each([
    'none.txt',
    '.',
    '',
    'sub',
    'digits.txt/',
    'digits.txt/more',
    '../secret.txt',
    '/../secret.txt',
    'sub/../../secret.txt',
    '../public-not/x.txt',
    'escape.txt',
    'up/secret.txt',
    'loop.txt',
    'pipe',
    '.env',
    'sub/.hidden/x.txt',
    'digits.txt\0.png',
    'x'.repeat(10_000),
    '/etc/passwd',
    '//etc/passwd',
    '..%2fsecret.txt',
    String.raw`..\secret.txt`,
  ])('%j', async (path) => {
    await expect(send(path)).rejects.toMatchObject({
      httpStatus: 404,
      reason: 'no-file',
      message: 'there is no such file',
    });
  });
  it('a file elsewhere, without a root', async () => {
    await expect(send('/etc/passwd', {})).rejects.toMatchObject({ httpStatus: 404 });
    await expect(send('../x', {})).rejects.toMatchObject({ httpStatus: 404 });
  });
  it('and the log says why, where somebody wants out', async () => {
    warnings.length = 0;
    await expect(send('escape.txt')).rejects.toMatchObject({ httpStatus: 404 });
    await expect(send('../secret.txt')).rejects.toMatchObject({ httpStatus: 404 });
    expect(warnings).toMatchObject([
      { reason: 'a link leads out of its root' },
      { reason: 'it is outside of its root' },
    ]);
  });
  it('but names with a dot are names where the function says so', async () => {
    expect((await send('.env', { root: 'public', dotFiles: true })).body).toBe('secret');
  });
});

describe('a file that changes', () => {
  it.each(['before', 'while'])('%s it is sent is not sent to its end', async (when) => {
    const path = join(projectDir, 'public/changing.bin');
    writeFileSync(path, Buffer.alloc(1_000_000, 'a'));
    const ctx = fake.httpContext({ projectDir });
    await ctx.sendFile('changing.bin', { root: 'public' });
    if (when === 'before') appendFileSync(path, 'b');
    let length = 0;
    const read = async (): Promise<void> => {
      for await (const chunk of ctx.body as AsyncIterable<Uint8Array>) {
        length += chunk.length;
        if (length === chunk.length && when === 'while') appendFileSync(path, 'b');
      }
    };
    await expect(read()).rejects.toThrow(/changing\.bin changed while it was sent$/);
    expect(length).toBeLessThan(1_000_000);
  });
});
