import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { TestPod, waitFor } from '../harness/pod.ts';

/** More than fit into the buffer of a process's log. */
const LINES = 200_000;

let pod: TestPod | undefined;
afterEach(async () => {
  await pod?.end();
  pod = undefined;
});

it('100,000 lines of one invocation all reach whoever reads them', async () => {
  const started = await TestPod.start({ project: 'scale' });
  pod = started;
  expect((await fetch(`${pod.url}/print?n=100000`)).status).toBe(200);
  const lines = (): Record<string, unknown>[] => started.runtime.lines.filter(({ msg }) => msg === 'one of many lines');
  await waitFor(() => lines().length === 100_000, 30_000);
  expect(lines().map(({ at }) => at)).toEqual(Array.from({ length: 100_000 }, (_, at) => at));
});

it('of the lines of an invocation none is missing without a word, when nobody reads: they are counted', async () => {
  const started = await TestPod.start({ project: 'scale' });
  pod = started;
  const printing = fetch(`${pod.url}/print?n=${LINES}`);
  await delay(100);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4_000); // nothing is read meanwhile
  await printing;
  let printed = 0;
  let dropped = 0;
  const invocations = new Set<unknown>();
  const isComplete = async (): Promise<boolean> => {
    for (const { msg, invocationId, dropped: count } of started.runtime.lines.splice(0)) {
      if (msg === 'one of many lines') printed += 1;
      if (typeof count === 'number') dropped += count;
      if (msg === 'one of many lines' || typeof count === 'number') invocations.add(invocationId);
    }
    await delay(50);
    return printed + dropped === LINES;
  };
  await waitFor(isComplete, 60_000);
  expect(dropped).toBeGreaterThan(0);
  expect(invocations.size).toBe(1);
  const metric = async (): Promise<number> => {
    const metrics = await (await started.admin('/metrics')).text();
    return Number(/^bottle_log_lines_dropped_total\{process="runtime"\} (\d+)$/m.exec(metrics)?.[1]);
  };
  await waitFor(async () => (await metric()) === dropped, 5_000);
});
