import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestPod, waitFor } from '../harness/pod.ts';
import { ROOT } from '../harness/process.ts';

const FUNCTIONS = 1_000;
/** All of them due every three seconds, in the same millisecond. */
const TIMERS = 3_000;
const PERIOD_MS = 3_000;

let directory: string;
let pod: TestPod;
beforeAll(async () => {
  directory = mkdtempSync(join(ROOT, 'e2e/functions/.many-'));
  cpSync(join(ROOT, 'e2e/functions/many/src'), join(directory, 'src'), { recursive: true });
  const pings = Array.from(
    { length: FUNCTIONS },
    (_, at) => `  ping-${at}: { handler: src/many.ping, events: [{ http: { path: /ping/${at}, method: get } }] }`,
  );
  const ticks = Array.from({ length: 30 }, (_, at) => {
    const timers = Array.from(
      { length: TIMERS / 30 },
      (_each, of) => `      - timer: { type: every, value: ${PERIOD_MS / 1_000}s, name: tick-${at}-${of} }`,
    );
    return `  tick-${at}:\n    handler: src/many.tick\n    events:\n${timers.join('\n')}`;
  });
  writeFileSync(join(directory, 'serverless.yml'), `service: many\nfunctions:\n${[...pings, ...ticks].join('\n')}\n`);
  pod = await TestPod.start({ project: directory });
});
afterAll(async () => {
  await pod.end();
  rmSync(directory, { recursive: true, force: true });
});

const metrics = async (): Promise<string> => (await pod.admin('/metrics')).text();
const runs = (page: string): number =>
  [...page.matchAll(/^bottle_timer_runs_total\{.*result="ok"\} (\d+)$/gm)].reduce((sum, [, n]) => sum + Number(n), 0);

/** Milliseconds of requests while something goes on, sorted. */
async function requestsDuring(work: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  let isDone = false;
  const requests = (async () => {
    while (!isDone) {
      const startedAt = performance.now();
      expect((await fetch(`${pod.url}/ping/7`)).status).toBe(200);
      times.push(performance.now() - startedAt);
      await delay(2);
    }
  })();
  await work();
  isDone = true;
  await requests;
  return times.toSorted((a, b) => a - b);
}

it('thousands of timers that are due at once all run, and requests go on between them', async () => {
  await waitFor(
    async () =>
      delay(500)
        .then(metrics)
        .then(runs)
        .then((count) => count >= TIMERS),
    30_000,
  );
  const before = runs(await metrics());
  const times = await requestsDuring(() => delay(3 * PERIOD_MS));
  await waitFor(
    async () =>
      delay(500)
        .then(metrics)
        .then(runs)
        .then((count) => count >= before + 2 * TIMERS),
    10_000,
  );
  const [p50, p99, worst] = [0.5, 0.99, 1].map((share) => times[Math.ceil(share * times.length) - 1] ?? 0);
  process.stdout.write(`requests beside ${TIMERS} timers: ${JSON.stringify({ n: times.length, p50, p99, worst })}\n`);
  // 429 for whoever came just then when all began in one turn, on a machine that had nothing else to do.
  expect(p99).toBeLessThan(200);
  expect(worst).toBeLessThan(1_000);
  expect((await metrics()).match(/^bottle_timer_ticks_passed_total\{.*/gm)).toBeNull();
  const { timers } = (await (await pod.admin('/timers')).json()) as { timers: unknown[] };
  expect(timers).toHaveLength(TIMERS);
});

it('a page of metrics has a bounded number of lines for each function and schedule, and holds nobody up', async () => {
  for (let at = 0; at < FUNCTIONS; at += 50)
    await Promise.all(Array.from({ length: 50 }, (_, of) => fetch(`${pod.url}/ping/${at + of}`)));
  let page = '';
  const times = await requestsDuring(async () => {
    for (let turn = 0; turn < 10; turn++) page = await metrics();
  });
  const lines = page.split('\n').filter((line) => !line.startsWith('#'));
  const of = (name: string): number => lines.filter((line) => line.includes(`"${name}"`)).length;
  process.stdout.write(`${page.length} bytes, ${lines.length} lines; worst request ${times.at(-1)?.toFixed(1)} ms\n`);
  expect(of('ping-7')).toBeLessThanOrEqual(20);
  expect(of('tick-3-7')).toBeLessThanOrEqual(2);
  expect(page.length).toBeLessThan(FUNCTIONS * 1_500 + TIMERS * 150);
  expect(times.at(-1)).toBeLessThan(1_000);
});
