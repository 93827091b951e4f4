// Forms through real processes, written as clients write them; and what becomes of their temporary files at every ending.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { json } from './harness/json.ts';
import { TestPod, waitFor } from './harness/pod.ts';
import type { TestProcess } from './harness/process.ts';
import { rawHttp } from './harness/raw-http.ts';
import { APP, callSigned, prepare, SECRET, transmit } from './triggers/signed-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'bottle-forms-'));
const files = join(folder, 'tmp');
const MB = 1024 * 1024;
let pod: TestPod;
let runtime: TestProcess;
beforeAll(async () => {
  mkdirSync(files);
  const config = join(folder, 'sidecar.yml');
  writeFileSync(config, JSON.stringify({ gateway: { windowMs: 60_000, apps: { [APP]: { secret: SECRET } } } }));
  const started = await TestPod.start({ project: 'forms', sidecarArgs: ['--config', config], env: { TMPDIR: files } });
  [pod, runtime] = [started, started.runtime];
});
afterAll(async () => {
  await pod.end();
  rmSync(folder, { recursive: true, force: true });
});

/** What the function process has on disk. */
const temporaryFiles = (): string[] =>
  readdirSync(files)
    .filter((name) => name.startsWith('bottle-files-'))
    .flatMap((name) => readdirSync(join(files, name)).map((file) => join(name, file)));
const untilRemoved = (): Promise<void> => waitFor(() => temporaryFiles().length === 0, 10_000);
const seen = async (key: string): Promise<string> => (await fetch(`${pod.url}/seen/${key}`)).text();
const untilSeen = (key: string, what: string): Promise<void> => waitFor(async () => (await seen(key)) === what, 10_000);
const post = (
  path: string,
  body: string | FormData | URLSearchParams,
  headers: Record<string, string> = {},
): Promise<Response> => fetch(pod.url + path, { method: 'POST', body, headers });
const formWith = (...bytes: Buffer<ArrayBuffer>[]): FormData => {
  const form = new FormData();
  for (const content of bytes) form.append('file', new File([content], 'a.bin', { type: 'image/png' }));
  return form;
};
const described = (bytes: Buffer): object => ({
  name: 'file',
  isFile: true,
  filename: 'a.bin',
  type: 'image/png',
  size: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
});
/** A client that sends this and then waits; `destroy` is its leaving. */
const begin = (path: string, body: Buffer | string, contentType: string) => {
  const sent = request(pod.url + path, { method: 'POST', headers: { 'content-type': contentType } });
  sent.on('error', () => {}).write(body);
  return sent;
};
const encoded = async (form: FormData): Promise<{ body: Buffer; contentType: string }> => {
  const response = new Response(form);
  const contentType = response.headers.get('content-type') ?? '';
  return { body: Buffer.from(await response.arrayBuffer()), contentType };
};

describe.each(['/streamed', '/collected'])('a form of %s', (path) => {
  it('has what curl has put into it', async () => {
    const body =
      '--------------------------d74496d66958873e\r\nContent-Disposition: form-data; name="person"\r\n\r\nanonymous\r\n' +
      '--------------------------d74496d66958873e\r\nContent-Disposition: form-data; name="secret"; filename="file.txt"\r\n' +
      'Content-Type: text/plain\r\n\r\ncontents of the file\n\r\n--------------------------d74496d66958873e--\r\n';
    const head =
      `POST ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: ${body.length}\r\n` +
      'content-type: multipart/form-data; boundary=------------------------d74496d66958873e\r\n\r\n';
    const answer = await rawHttp(pod.port, [head, body.slice(0, 77), body.slice(77, 250), body.slice(250)], {
      pauseMs: 20,
    });
    expect(answer).toContain('{"name":"person","value":"anonymous"}');
    expect(answer).toContain('"filename":"file.txt","type":"text/plain","size":21');
  });
  it('has what fetch has put into it: text, an empty file, a file on disk', async () => {
    const [small, large] = [randomBytes(1_000), randomBytes(3 * MB)];
    const form = formWith(small, large, Buffer.alloc(0));
    form.append('grüße', '日本\r\n😀');
    form.append('grüße', '');
    const entries = await json<unknown[]>(post(path, form));
    expect(entries).toEqual([
      ...[small, large, Buffer.alloc(0)].map(described),
      { name: 'grüße', value: '日本\r\n😀' },
      { name: 'grüße', value: '' },
    ]);
    await untilRemoved();
  });
  it('comes back as it was sent, at random', async () => {
    for (let run = 0; run < 20; run++) {
      const contents = Array.from({ length: 1 + (run % 4) }, (_, at) =>
        randomBytes((run * 7_919 * (at + 1)) % 200_000),
      );
      expect(await json<unknown[]>(post(path, formWith(...contents)))).toEqual(contents.map(described));
    }
  });
  it('may be urlencoded', async () => {
    const entries = await json(post(path, new URLSearchParams({ a: 'ü &=', b: '' })));
    expect(entries).toEqual([
      { name: 'a', value: 'ü &=' },
      { name: 'b', value: '' },
    ]);
  });
  it.each([
    ['application/json', '{}', '', 415, 'not-a-form'],
    ['multipart/form-data; boundary=b', '--b\r\n', '', 400, 'bad-form'],
    ['multipart/form-data', 'x', '', 400, 'bad-form'],
    ['application/x-www-form-urlencoded', 'a=1&a=2', '?maxFields=1', 413, 'form-too-large'],
    ['application/x-www-form-urlencoded', 'a=1', '?maxSize=1', 500, 'function-error'],
  ])('of %s, %j %s is %i %s', async (contentType, body, query, status, reason) => {
    const response = await post(path + query, body, { 'content-type': contentType });
    expect([response.status, await json(response)]).toMatchObject([status, { reason }]);
  });
});

it('a large upload beyond a limit is answered with 413 before it is over', async () => {
  const form = formWith(randomBytes(40 * MB));
  const { body, contentType } = await encoded(form);
  const answered = new Promise<number>((resolve) => {
    const sent = begin('/streamed?maxFileBytes=3000000', body.subarray(0, 5 * MB), contentType);
    sent.on('response', (response) => {
      resolve(response.statusCode ?? 0);
      sent.destroy();
    });
  });
  expect(await answered).toBe(413);
  await untilRemoved();
});
it('the second call has the result of the first one', async () => {
  expect(await json(post('/twice', formWith(randomBytes(2 * MB))))).toEqual({ same: true });
});
it('a body that was read already is an error of its own', async () => {
  const response = await post('/late', formWith(randomBytes(10)));
  expect([response.status, await json(response)]).toMatchObject([500, { reason: 'body-already-read' }]);
});
it('a file from disk can be the result', async () => {
  const bytes = randomBytes(3 * MB);
  const response = await post('/back', formWith(bytes));
  expect(response.headers.get('content-type')).toBe('image/png');
  expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
  await untilRemoved();
});

describe('the signed gateway', () => {
  it('takes forms as data', async () => {
    const prepared = prepare({
      api: 'test.form',
      body: '--b\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--b--',
    });
    prepared.headers['content-type'] = 'multipart/form-data; boundary=b';
    expect(await transmit(pod.url, prepared)).toMatchObject({ status: 200, data: [{ name: 'a', value: '1' }] });
  });
  it('says of other data that it is no form', async () => {
    expect(await callSigned(pod.url, { api: 'test.form' })).toMatchObject({ status: 415, ret: { code: 'not-a-form' } });
  });
});

describe('temporary files are gone', () => {
  const large = () => encoded(formWith(Buffer.from('abcd'.repeat(MB))));

  it('when the client leaves in the middle of its upload', async () => {
    const key = randomUUID();
    const { body, contentType } = await large();
    const client = begin(`/hold/${key}`, body.subarray(0, 3 * MB), contentType);
    await waitFor(() => temporaryFiles().length === 1, 10_000);
    client.destroy();
    await untilRemoved();
    await waitFor(async () => (await seen(key)) !== '', 10_000);
    expect(await seen(key)).toBe('client-left');
  });
  it('when the client leaves while the function works, also while that goes on', async () => {
    const key = randomUUID();
    const { body, contentType } = await large();
    const client = begin(`/hold/${key}`, body, contentType);
    client.end();
    await untilSeen(key, 'read');
    expect(temporaryFiles()).toHaveLength(1);
    client.destroy();
    await untilRemoved();
    await post(`/release/${key}`, '');
    await untilSeen(key, 'NotReadableError');
  });
  it('when the deadline passes, during the upload or after it', async () => {
    const { body, contentType } = await large();
    for (const [length, expected] of [
      [3 * MB, /^(deadline|client-left)$/], // whoever notices first
      [body.length, /^read$/],
    ] as const) {
      const key = randomUUID();
      const status = new Promise<number>((resolve) => {
        const client = begin(`/hurried/${key}`, body.subarray(0, length), contentType);
        client.on('response', (response) => resolve(response.statusCode ?? 0));
        if (length === body.length) client.end();
      });
      expect(await status).toBe(504);
      await untilRemoved();
      expect(await seen(key)).toMatch(expected);
      await post(`/release/${key}`, '');
    }
  });
  it('when the process was killed: the next one removes them', async () => {
    const key = randomUUID();
    const { body, contentType } = await large();
    begin(`/hold/${key}`, body, contentType).end();
    await untilSeen(key, 'read');
    runtime.kill('SIGKILL');
    await runtime.exit();
    expect(temporaryFiles()).toHaveLength(1);
    runtime = pod.startRuntime();
    await runtime.said('removed the temporary files of a process that is gone');
    expect(readdirSync(files).filter((name) => name.startsWith('bottle-files-'))).toEqual([]);
    await pod.untilReady();
  });
  it('and their directory, when the process stops', async () => {
    expect((await post('/streamed', formWith(randomBytes(2 * MB)))).status).toBe(200);
    runtime.kill('SIGTERM');
    expect(await runtime.exit()).toBe(0);
    expect(readdirSync(files).filter((name) => name.startsWith('bottle-files-'))).toEqual([]);
    runtime = pod.startRuntime();
    await pod.untilReady();
  });
});

it('a file that finds no room is 503, and the log says why', async () => {
  rmSync(files, { recursive: true });
  try {
    const response = await post('/streamed', formWith(randomBytes(2 * MB)));
    expect([response.status, await json(response)]).toMatchObject([503, { reason: 'form-storage' }]);
    const { err } = await runtime.said('function failed');
    expect(JSON.stringify(err)).toContain('ENOENT');
  } finally {
    mkdirSync(files);
  }
  expect((await post('/streamed', formWith(randomBytes(2 * MB)))).status).toBe(200);
});
