import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';

const MODULE = new URL('./write-whole.ts', import.meta.url).href;
const BYTES = 5_000_000;

/** A process whose standard output does not block, as it is once the log writes to it. */
function writer() {
  const code = `
    const { writeWhole } = await import(${JSON.stringify(MODULE)});
    process.stdout._handle?.setBlocking?.(false);
    writeWhole(1, 'x'.repeat(${BYTES}));
  `;
  return spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'pipe'] });
}

it('a slow reader gets all of it', async () => {
  const child = writer();
  let read = 0;
  await delay(200); // the pipe is full by now
  for await (const chunk of child.stdout) read += (chunk as Buffer).length;
  expect(read).toBe(BYTES);
});

it('a reader that leaves ends it without an error', async () => {
  const child = writer();
  await once(child.stdout, 'readable');
  child.stdout.destroy();
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(0);
});
