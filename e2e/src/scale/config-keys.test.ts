import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigClient } from 'bottle-sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSidecar, type SidecarTarget } from '../contracts/target.ts';

/** The documented maximum. */
const KEYS = 10_000;
/** Keys that a set may make and forget again. */
const SPARE = 10;

let target: SidecarTarget;
let directory: string;
const textOf = (keys: number, changed = ''): string =>
  Array.from({ length: keys }, (_, at) => `# key ${at}\nkey-${at}: { on: true, percent: ${at}${changed} }\n`).join('');
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bottle-config-'));
  writeFileSync(join(directory, 'many.yml'), textOf(KEYS - SPARE));
  writeFileSync(join(directory, 'few.yml'), textOf(10));
  writeFileSync(join(directory, 'over.yml'), textOf(KEYS * 10));
  const resource = (name: string): object => ({ driver: 'file', file: join(directory, `${name}.yml`) });
  const [many, few, over] = ['many', 'few', 'over'].map(resource);
  target = await openSidecar({ config: { many, few, over }, cache: { others: { driver: 'memory' } } });
});
afterAll(async () => {
  await target.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Milliseconds of a set in the middle of the file: the median of some. */
async function setMs(config: ConfigClient): Promise<number> {
  const times: number[] = [];
  for (let turn = 0; turn < 21; turn++) {
    const startedAt = performance.now();
    await config.set(`key-${turn % 7}`, { on: false, percent: turn });
    times.push(performance.now() - startedAt);
  }
  return times.toSorted((a, b) => a - b)[10] ?? 0;
}

/** The longest of the calls that somebody else makes while the work goes on. */
async function longestOther(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let isDone = false;
  const others = (async () => {
    while (!isDone) {
      const startedAt = performance.now();
      await target.bottle.cache('others').get('x');
      longest = Math.max(longest, performance.now() - startedAt);
    }
  })();
  await work();
  isDone = true;
  await others;
  return longest;
}

it('a set costs about the same with ten thousand keys as with ten, and nobody else waits for it', async () => {
  const [many, few] = [target.bottle.config('many'), target.bottle.config('few')];
  expect(await many.get('key-9000')).toEqual({ on: true, percent: 9_000 });
  await setMs(few);
  const ms = { few: await setMs(few), many: 0 };
  const longest = await longestOther(async () => (ms.many = await setMs(many)));
  process.stdout.write(`set: ${JSON.stringify(ms)}, longest other call: ${longest.toFixed(1)} ms\n`);
  expect(ms.many).toBeLessThan(ms.few * 10 + 20);
  expect(longest).toBeLessThan(400); // 8,000 when all of it was parsed and written for each
  expect(readFileSync(join(directory, 'many.yml'), 'utf8')).toContain('# key 6\nkey-6:\n  on: false\n');
});

it('an edit of the file is seen soon, and nobody else waits for it', async () => {
  const config = target.bottle.config('many');
  const text = readFileSync(join(directory, 'many.yml'), 'utf8');
  const watching = config.watch<{ percent: number }>('key-8000');
  const { percent } = (await watching.next()).value as { percent: number };
  const times: number[] = [];
  const longest = await longestOther(async () => {
    for (let turn = 1; turn <= 5; turn++) {
      const startedAt = performance.now();
      const edited = { on: true, percent: percent + turn };
      writeFileSync(join(directory, 'many.yml'), text.replace(/^key-8000: .*/m, `key-8000: ${JSON.stringify(edited)}`));
      expect((await watching.next()).value).toEqual(edited);
      times.push(performance.now() - startedAt);
    }
  });
  process.stdout.write(
    `seen after ${times.map((ms) => ms.toFixed(0)).join(', ')} ms, longest other: ${longest.toFixed(1)}\n`,
  );
  expect(times.toSorted((a, b) => a - b)[2]).toBeLessThan(500); // 4,700
  expect(longest).toBeLessThan(400);
  await watching.return(undefined);
});

it('an edit of every key is taken over without holding anybody up', async () => {
  const config = target.bottle.config('many');
  const before = await config.history('key-0');
  const longest = await longestOther(async () => {
    writeFileSync(join(directory, 'many.yml'), textOf(KEYS - SPARE, `.${before.length}`));
    await expect
      .poll(() => config.get('key-9989'), { timeout: 20_000 })
      .toMatchObject({
        percent: Number(`9989.${before.length}`),
      });
  });
  process.stdout.write(`longest other call: ${longest.toFixed(1)} ms\n`);
  expect(longest).toBeLessThan(400);
  expect(await config.history('key-0')).toHaveLength(before.length + 1);
});

it('the history outlives a restart, whatever happened to the pod', async () => {
  const before = await target.bottle.config('many').history('key-1');
  target.sidecar.kill('SIGKILL');
  await target.pod.startSidecar();
  const config = target.bottle.config('many');
  await expect.poll(() => config.history('key-1').catch(() => []), { timeout: 20_000 }).toEqual(before);
  const startedAt = performance.now();
  expect(await target.bottle.config('few').get('key-1')).toBeDefined();
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

it('ten times as many keys are refused, with their number', async () => {
  const config = target.bottle.config('over');
  await expect(config.get('key-0')).rejects.toMatchObject({ reason: 'no-value' });
  const { resources } = (await (await target.pod.admin('/resources')).json()) as {
    resources: Record<string, unknown>[];
  };
  expect(resources.find(({ id }) => id === 'config.over')?.['warning']).toContain(
    `it has ${KEYS * 10} keys, and at most ${KEYS} are supported`,
  );
});
