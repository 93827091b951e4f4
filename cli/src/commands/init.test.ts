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
  [['shop', '--template', 'grcp'], /^there is no template "grcp"; did you mean "grpc"\? There are:\n/],
  [[], /^one name, please/],
  [['one', 'two'], /^one name, please/],
  [['Shop'], /^"Shop" cannot be the name of a project; expected .* such as "my-shop"$/],
  [['full'], /^full exists and is not empty/],
  [['shop', '--tempalte', 'mq'], /^there is no option "--tempalte"; did you mean "--template"\?$/],
  [['shop', '--frobnicate'], /^there is no option "--frobnicate"; --help lists them$/],
  [['shop', '--template'], /^"--template" needs a value$/],
  [['shop', '--js=yes'], /^"--js" does not take a value$/],
])('%j is refused before anything is written', async (args, message) => {
  mkdirSync(join(cwd, 'full'));
  writeFileSync(join(cwd, 'full/file'), '');
  await expect(init.run(args, { env: {}, cwd })).rejects.toThrow(message);
  expect(readdirSync(cwd)).toEqual(['full']);
});

it.each([{ npm_config_template: 'mq' }, { npm_config_template: 'true' }, { npm_config_js: 'true' }])(
  'what npm has taken for options of its own is asked for behind "--": %j',
  async (taken) => {
    const env = { npm_command: 'init', ...taken };
    await expect(init.run(['shop'], { env, cwd })).rejects.toThrow('put "--" before the options');
    expect(readdirSync(cwd)).toEqual([]);
  },
);
