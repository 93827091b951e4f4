// A function that serves files, as the example does: names that lead elsewhere.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestPod } from '../harness/pod.ts';
import { ROOT } from '../harness/process.ts';
import { rawHttp } from '../harness/raw-http.ts';

let directory: string;
let pod: TestPod;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bs-'));
  mkdirSync(join(directory, 'images'));
  writeFileSync(join(directory, 'private.png'), Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'));
  pod = await TestPod.start({
    project: join(ROOT, 'examples/light-store'),
    sidecarArgs: ['--data-dir', join(directory, 'data')],
    env: { LIGHT_STORE_DATA_DIR: directory },
  });
});
afterAll(async () => {
  await pod.end();
  rmSync(directory, { recursive: true, force: true });
});

it.each([
  '/items/..%2fprivate.png/image',
  '/items/%2e%2e%2fprivate.png/image',
  '/items/..%2f..%2f..%2fetc%2fpasswd/image',
  '/items/..%5c..%5cprivate.png/image',
  '/items/%252e%252e%252fprivate.png/image',
  '/items/%2fetc%2fpasswd/image',
  '/items/brass-reading-lamp%00/image',
  '/items/./image',
  '/items/../private.png/image',
])('%s is no picture', async (path) => {
  const get = await rawHttp(pod.port, [`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`]);
  expect(get).toMatch(/^HTTP\/1\.1 404 /);
  const put = await rawHttp(pod.port, [
    `PUT ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\nContent-Length: 4\r\nConnection: close\r\n\r\nabcd`,
  ]);
  expect(put).toMatch(/^HTTP\/1\.1 404 /);
});
