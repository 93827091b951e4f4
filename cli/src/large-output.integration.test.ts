import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';

const BIN = join(import.meta.dirname, '../bin/bottle.js');
/** Ten times as many as cut the output when it had only what one write to a pipe takes. */
const FUNCTIONS = 10_000;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'bottle-large-'));
  mkdirSync(join(directory, 'src'));
  writeFileSync(join(directory, 'package.json'), '{ "type": "module", "version": "1.0.0" }');
  writeFileSync(join(directory, 'src/all.js'), 'export const answer = () => "ok";\n');
  const functions = Array.from(
    { length: FUNCTIONS },
    (_, at) => `  answer-${at}: { handler: src/all.answer, events: [{ http: { path: /answers/${at} } }] }`,
  );
  writeFileSync(join(directory, 'serverless.yml'), `service: large\nfunctions:\n${functions.join('\n')}\n`);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Reads the output of a command in a hurry, or like somebody who pages through it. */
async function output(args: readonly string[], pauseMs = 0): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, [BIN, ...args], { cwd: directory, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  let text = '';
  for await (const chunk of child.stdout) {
    text += String(chunk);
    if (pauseMs > 0) await delay(pauseMs);
  }
  return { code: await exited, text };
}

it('check prints every function of a large project through a pipe, however slowly that is read', async () => {
  const { code, text } = await output(['check', '--json'], 1);
  expect(code).toBe(0);
  expect((JSON.parse(text) as { functions: unknown[] }).functions).toHaveLength(FUNCTIONS);
  const table = await output(['check']);
  expect(table.text).toContain(`large: ${FUNCTIONS} functions`);
  expect(table.text.trimEnd().endsWith('ok')).toBe(true);
});

it('render prints the manifests of a large project', async () => {
  const { code, text } = await output(['render']);
  expect(code).toBe(0);
  expect(text).toContain(`${FUNCTIONS} functions in`);
  expect(text).toContain('kind: ServiceMonitor');
});

it('a reader that has seen enough is no error', async () => {
  const child = spawn(process.execPath, [BIN, 'check', '--json'], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  child.stdout.destroy();
  expect(await exited).toBe(0);
  expect(complaints).toBe('');
});
