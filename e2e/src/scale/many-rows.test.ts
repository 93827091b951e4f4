import { rmSync, mkdtempSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestPod } from '../harness/pod.ts';

/** A tenth of the size at which it was slow, unless BOTTLE_SCALE says how many times this. */
const ROWS = 100_000 * Number(process.env['BOTTLE_SCALE'] ?? 1);
const STREAMS = 20;
const TRANSACTIONS = 40;

let dataDir: string;
let pod: TestPod;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'bottle-rows-'));
  pod = await TestPod.start({ project: 'rows', sidecarArgs: ['--data-dir', dataDir, '--grants', 'warn'] });
  const filled = await fetch(`${pod.url}/fill?count=${ROWS}`, { method: 'POST' });
  if (!filled.ok) throw new Error(`the table was not filled: ${await filled.text()}`);
});
afterAll(async () => {
  await pod.end();
  rmSync(dataDir, { recursive: true, force: true });
});

interface Received {
  lines: number;
  chunks: number;
  bytes: number;
}

/** A whole answer, without keeping it. */
async function receive(path: string, signal?: AbortSignal): Promise<Received> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(pod.url + path, resolve)
      .once('error', reject)
      .end();
  });
  const received = { lines: 0, chunks: 0, bytes: 0 };
  for await (const chunk of response as AsyncIterable<Buffer>) {
    received.chunks += 1;
    received.bytes += chunk.length;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) received.lines += 1;
    if (signal?.aborted) break;
  }
  return received;
}

function readDirectly(): number {
  const startedAt = performance.now();
  using database = new DatabaseSync(join(dataDir, 'rows.sqlite'), { readOnly: true });
  let bytes = 0;
  for (const row of database.prepare('select id, name, price from items').iterate())
    bytes += JSON.stringify(row).length + 1;
  expect(bytes).toBeGreaterThan(ROWS * 20);
  return performance.now() - startedAt;
}

it.each([
  ['that a function returns as they come', '/all'],
  ['that a generator makes anew one by one', '/mapped'],
])(`${ROWS} rows %s are blocks on their way, not a message each`, async (_, path) => {
  // 0.8 to 0.9 once the code is compiled, on two cores without other work; 0.3 with a promise for each row. The best one counts.
  let best = 0;
  for (let turn = 0; best < 0.5 && turn < 10; turn++) {
    const directMs = readDirectly();
    const startedAt = performance.now();
    const { lines, chunks, bytes } = await receive(path);
    const ms = performance.now() - startedAt;
    expect(lines).toBe(ROWS);
    expect(bytes / chunks).toBeGreaterThan(8_000);
    best = Math.max(best, directMs / ms);
    process.stdout.write(
      `${ROWS} rows of ${path}: ${ms.toFixed(0)} ms, node:sqlite ${directMs.toFixed(0)} ms, ${(bytes / chunks).toFixed(0)} bytes a chunk\n`,
    );
  }
  expect(best).toBeGreaterThan(0.5);
});

it('writers are not starved by many readers, who come to their end as well', async () => {
  const leaving = new AbortController();
  const readers = Array.from({ length: STREAMS }, async () => {
    let lines = 0;
    while (!leaving.signal.aborted) lines += (await receive('/all', leaving.signal)).lines;
    return lines;
  });
  await delay(500);
  const times: number[] = [];
  // 25 to 30 a second without other work, 10 on a machine that has three times as much to do
  const deadline = performance.now() + 20_000;
  while (times.length < TRANSACTIONS && performance.now() < deadline) {
    const startedAt = performance.now();
    const answer = await fetch(`${pod.url}/add`, { method: 'POST' });
    expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)]);
    times.push(performance.now() - startedAt);
  }
  leaving.abort();
  const lines = await Promise.all(readers);
  const sorted = times.toSorted((a, b) => a - b);
  process.stdout.write(
    `${times.length} transactions beside ${STREAMS} readers, p50 ${sorted[sorted.length >> 1]?.toFixed(0)} ms, worst ${sorted.at(-1)?.toFixed(0)} ms\n`,
  );
  expect(times.length).toBe(TRANSACTIONS);
  expect(Math.min(...lines)).toBeGreaterThan(0);
});
