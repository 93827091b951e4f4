import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { init } from './init.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'bottle-init-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

it.each([
  [
    ['shop', '--template', 'kafka'],
    /^there is no template "kafka"\. There are:\n {2}api .*\n {2}mq .*\n {2}grpc .*\n {2}cloud/,
  ],
  [['shop', '--template', 'grcp'], /^there is no template "grcp"; did you mean "grpc"\. There are:\n/],
  [[], /^one name, please/],
  [['one', 'two'], /^one name, please/],
  [['Shop'], /^"Shop" is no name for a project/],
  [['full'], /^full exists and is not empty/],
  [['shop', '--tempalte', 'mq'], /--tempalte/],
])('%j is refused before anything is written', async (args, message) => {
  mkdirSync(join(cwd, 'full'));
  writeFileSync(join(cwd, 'full/file'), '');
  await expect(init.run(args, { env: {}, cwd })).rejects.toThrow(message);
  expect(readdirSync(cwd)).toEqual(['full']);
});
