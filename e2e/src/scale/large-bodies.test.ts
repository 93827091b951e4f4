import { readFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { TestPod } from '../harness/pod.ts';

const CONNECTIONS = 16;
const SMALL_BYTES = 100_000;
/** Ten times the size from which it cost more than in proportion. */
const LARGE_BYTES = 10_000_000;
/** Of each size, there and back. */
const TOTAL_BYTES = 320_000_000;

let pod: TestPod | undefined;
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
afterEach(async () => {
  agent.destroy();
  await pod?.end();
  pod = undefined;
});

async function echo(url: string, body: Buffer): Promise<void> {
  const headers = { 'content-type': 'application/octet-stream', 'content-length': body.length };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(`${url}/echo`, { method: 'POST', agent, headers }, resolve).once('error', reject).end(body);
  });
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) length += chunk.length;
  expect([response.statusCode, response.headers['content-length'], length]).toEqual([
    200,
    String(body.length),
    body.length,
  ]);
}

/** In milliseconds. */
function cpuOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
    const [user = 0, system = 0] = fields.split(' ').slice(11, 13).map(Number);
    return sum + (user + system) * 10;
  }, 0);
}

function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
}

it('large raw bodies on many connections cost no more than in proportion', async () => {
  const started = await TestPod.start({ project: 'scale', sidecarArgs: ['--limits-max-body-bytes', '16000000'] });
  pod = started;
  const pids = [started.sidecar.pid, started.runtime.pid];
  const cpuMsOfMb = async (size: number): Promise<number> => {
    const body = Buffer.alloc(size, 'x');
    let left = TOTAL_BYTES / size;
    const before = cpuOf(pids);
    await Promise.all(
      Array.from({ length: CONNECTIONS }, async () => {
        while (left-- > 0) await echo(started.url, body);
      }),
    );
    return (cpuOf(pids) - before) / (TOTAL_BYTES / 1e6);
  };
  await cpuMsOfMb(SMALL_BYTES); // compiles what it takes
  const small = await cpuMsOfMb(SMALL_BYTES);
  const large = await cpuMsOfMb(LARGE_BYTES);
  const functionMb = residentMb(started.runtime.pid);
  process.stdout.write(
    `a megabyte takes ${small.toFixed(1)} ms CPU in bodies of 100 KB, ${large.toFixed(1)} ms in bodies of 10 MB; the function process has ${functionMb.toFixed(0)} MB\n`,
  );
  expect(large).toBeLessThan(1.5 * small);
  expect(functionMb).toBeLessThan(150 + (CONNECTIONS * 3 * LARGE_BYTES) / 1e6);
});
