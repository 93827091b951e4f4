import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { json } from './harness/json.ts';
import { TestPod } from './harness/pod.ts';

const MB = 1024 * 1024;
const CHUNK = Buffer.alloc(64 * 1024, 'f');
/** For a file of 100 MB, and for one of any size: it is what V8 has not collected yet. */
const MAX_GROWTH_MB = 40;

let pod: TestPod | undefined;
afterEach(async () => {
  await pod?.end();
  pod = undefined;
});

const residentMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;

/** A form with one file, made as it is sent. */
function upload(url: string, bytes: number): Promise<Response> {
  async function* body(): AsyncGenerator<Buffer> {
    yield Buffer.from('--b\r\ncontent-disposition: form-data; name="file"; filename="large.bin"\r\n\r\n');
    for (let sent = 0; sent < bytes; sent += CHUNK.length) yield CHUNK;
    yield Buffer.from('\r\n--b--\r\n');
  }
  const headers = { 'content-type': 'multipart/form-data; boundary=b' };
  return fetch(`${url}/streamed`, { method: 'POST', headers, duplex: 'half', body: ReadableStream.from(body()) });
}

it('a file of 100 MB does not make the function process larger', async () => {
  const started = await TestPod.start({ project: 'forms' });
  pod = started;
  const pids = [started.runtime.pid, started.sidecar.pid];
  await upload(started.url, 100 * MB).then((response) => response.text()); // what V8 keeps for the next one
  const before = pids.map(residentMb);
  const most = [...before];
  const timer = setInterval(() => {
    for (const [index, pid] of pids.entries()) most[index] = Math.max(most[index] ?? 0, residentMb(pid));
  }, 10);
  const [file] = await json<{ size: number; sha256: string }[]>(upload(started.url, 100 * MB));
  clearInterval(timer);
  const hash = createHash('sha256');
  for (let hashed = 0; hashed < 100 * MB; hashed += CHUNK.length) hash.update(CHUNK);
  expect(file).toMatchObject({ size: 100 * MB, sha256: hash.digest('hex') });
  const [runtimeMb = 0, sidecarMb = 0] = most.map((peak, index) => peak - (before[index] ?? 0));
  process.stdout.write(
    `a file of 100 MB: the function process grows by ${runtimeMb.toFixed(0)} MB, the sidecar by ${sidecarMb.toFixed(0)} MB\n`,
  );
  expect(runtimeMb).toBeLessThan(MAX_GROWTH_MB);
  expect(sidecarMb).toBeLessThan(MAX_GROWTH_MB);
});
