import { rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestPod } from '../harness/pod.ts';

/** A tenth of the size at which it was slow, unless BOTTLE_SCALE says how many times this. */
const ROWS = 100_000 * Number(process.env['BOTTLE_SCALE'] ?? 1);
const STREAMS = 10;

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

/** The lines of a whole answer, without keeping them. */
async function linesOf(response: Response, signal?: AbortSignal): Promise<number> {
  let lines = 0;
  for await (const chunk of response.body ?? []) {
    for (const byte of chunk) if (byte === 10) lines += 1;
    if (signal?.aborted) break;
  }
  return lines;
}

it('a million rows are blocks on their way, not a message each', async () => {
  const timed = async (work: () => unknown): Promise<number> => {
    const startedAt = performance.now();
    await work();
    return performance.now() - startedAt;
  };
  const direct = await timed(() => {
    using database = new DatabaseSync(join(dataDir, 'rows.sqlite'), { readOnly: true });
    let bytes = 0;
    for (const row of database.prepare('select id, name, price from items').iterate())
      bytes += JSON.stringify(row).length + 1;
    expect(bytes).toBeGreaterThan(ROWS * 20);
  });
  const chunks: number[] = [];
  const ms = await timed(async () => {
    const response = await fetch(`${pod.url}/all`);
    let lines = 0;
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk.length);
      for (const byte of chunk) if (byte === 10) lines += 1;
    }
    expect(lines).toBe(ROWS);
  });
  const size = chunks.reduce((sum, each) => sum + each, 0) / chunks.length;
  process.stdout.write(
    `${ROWS} rows: ${ms.toFixed(0)} ms, node:sqlite ${direct.toFixed(0)} ms, ${size.toFixed(0)} bytes a chunk\n`,
  );
  expect(size).toBeGreaterThan(4_000);
  expect(direct / ms).toBeGreaterThan(0.05);
});

it('writers are not starved by many readers, who come to their end as well', async () => {
  const leaving = new AbortController();
  const readers = Array.from({ length: STREAMS }, async () => {
    let lines = 0;
    while (!leaving.signal.aborted) lines += await linesOf(await fetch(`${pod.url}/all`), leaving.signal);
    return lines;
  });
  await delay(500);
  const times: number[] = [];
  const until = performance.now() + 4_000;
  while (performance.now() < until) {
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
  expect(times.length).toBeGreaterThan(10); // none in two seconds when every reader had its part in each turn
  expect(Math.min(...lines)).toBeGreaterThan(0);
});
