import { readFileSync } from 'node:fs';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { afterEach, expect, it } from 'vitest';
import { openSession } from '../harness/http2-client.ts';
import { TestPod, waitFor } from '../harness/pod.ts';

/** Ten times as many as were seen to take 1.5 MB each. */
const READERS = 4_000;
const READERS_OF_A_CONNECTION = 100;
/** Pieces of 64 KiB: far more than what is under way. */
const ENDLESS = 16_384;
const WARM_UP = 1_024;
const MAX_BYTES_OF_A_READER = 128 * 1024;

let pod: TestPod | undefined;
const sessions: ClientHttp2Session[] = [];
afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy();
  await pod?.end();
  pod = undefined;
});

/** Reads nothing beyond the head: its client's HTTP/2 window is all that it takes. */
function openPaused(session: ClientHttp2Session): Promise<ClientHttp2Stream> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': `/large?n=${ENDLESS}` });
    stream.once('error', reject).once('response', () => resolve(stream));
  });
}

async function readAll(url: string, pieces: number): Promise<number> {
  let bytes = 0;
  for await (const chunk of (await fetch(`${url}/large?n=${pieces}`)).body ?? []) bytes += chunk.length;
  return bytes;
}

/** Resident memory of a process that is its own, in bytes. */
function memoryOf(pid: number): number {
  return Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** Processor time, in ticks of 10 ms. */
function ticksOf(pid: number): number {
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user = 0, system = 0] = fields.split(' ').slice(11, 13).map(Number);
  return user + system;
}

it('thousands of readers that pause take 128 KB each at most, and one that reads gets all', async () => {
  const args = ['--http2-enabled', 'true', '--http2-port', '0', '--http2-host', '127.0.0.1'];
  const started = await TestPod.start({ project: 'scale', sidecarArgs: args });
  pod = started;
  const { http2Port } = await started.sidecar.said('sidecar listens');
  for (let turn = 0; turn < 3; turn++) expect(await readAll(started.url, WARM_UP)).toBe(WARM_UP * 65_536);
  const processes = { sidecar: started.sidecar.pid, function: started.runtime.pid };
  const before = Object.values(processes).map(memoryOf);

  for (let at = 0; at < READERS; at += READERS_OF_A_CONNECTION) {
    const session = await openSession(`http://127.0.0.1:${String(http2Port)}`);
    sessions.push(session);
    await Promise.all(Array.from({ length: READERS_OF_A_CONNECTION }, () => openPaused(session)));
  }
  let ticks = -1;
  await waitFor(async () => {
    const earlier = ticks;
    await new Promise((resolve) => setTimeout(resolve, 200));
    ticks = ticksOf(processes.function);
    return ticks - earlier <= 2; // as little as a process that has nothing to do
  }, 20_000);
  const each = Object.values(processes).map((pid, at) => (memoryOf(pid) - (before[at] ?? 0)) / READERS);
  const [sidecarKb, functionKb] = each.map((bytes) => Math.round(bytes / 1024));
  process.stdout.write(
    `a paused reader takes ${sidecarKb} KB in the sidecar, ${functionKb} KB in the function process\n`,
  );
  expect(each[0]).toBeLessThan(MAX_BYTES_OF_A_READER);
  expect(each[1]).toBeLessThan(2 * MAX_BYTES_OF_A_READER);
  expect(await readAll(started.url, WARM_UP)).toBe(WARM_UP * 65_536);
});
