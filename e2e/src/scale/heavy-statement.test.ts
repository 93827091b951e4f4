import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestPod } from '../harness/pod.ts';

/** How much longer others may wait, for one in a hundred of their requests. */
const MORE_MS = 20;
const SECONDS = 4;
const PERIOD_MS = 10;

let dataDir: string;
let pod: TestPod;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'bottle-heavy-'));
  pod = await TestPod.start({ project: 'rows', sidecarArgs: ['--data-dir', dataDir, '--grants', 'warn'] });
  const filled = await fetch(`${pod.url}/fill?count=1000`, { method: 'POST' });
  if (!filled.ok) throw new Error(`the table was not filled: ${await filled.text()}`);
});
afterAll(async () => {
  await pod.end();
  rmSync(dataDir, { recursive: true, force: true });
});

/** A hundred requests a second, sent by the clock; the slowest but one in a hundred. */
async function p99Of(path: string): Promise<number> {
  const times: number[] = [];
  const requests: Promise<void>[] = [];
  const ask = async (): Promise<void> => {
    const sentAt = performance.now();
    const answer = await fetch(pod.url + path);
    expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)]);
    times.push(performance.now() - sentAt);
  };
  const startedAt = performance.now();
  for (let at = 0; at < (SECONDS * 1_000) / PERIOD_MS; at++) {
    await delay(Math.max(0, startedAt + at * PERIOD_MS - performance.now()));
    requests.push(ask());
  }
  await Promise.all(requests);
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.POSITIVE_INFINITY;
}

it.each(['/plain', '/one'])(
  'a statement of many seconds holds up nobody else (%s), and ends at its own deadline',
  async (path) => {
    await p99Of(path);
    const aloneMs = await p99Of(path);
    const timeoutMs = SECONDS * 1_000 + 500;
    const startedAt = performance.now();
    const heavy = fetch(`${pod.url}/heavy?timeoutMs=${timeoutMs}`);
    const besideMs = await p99Of(path);
    expect((await heavy).status).toBe(503);
    const heavyMs = performance.now() - startedAt;
    process.stdout.write(
      `p99 of ${path} ${aloneMs.toFixed(1)} ms, beside the statement ${besideMs.toFixed(1)} ms; its deadline of ${timeoutMs} ms was seen after ${heavyMs.toFixed(0)} ms\n`,
    );
    expect(besideMs - aloneMs).toBeLessThan(MORE_MS);
    expect(heavyMs - timeoutMs).toBeLessThan(200);
  },
);
