import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { dotEnvNames, withDotEnv } from './dot-env.ts';

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'bottle-dot-env-'));
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

it('adds what the files say, the later one over the earlier one, and the environment over both', () => {
  writeFileSync(join(project, '.env'), 'A=1\nB=1 # of all\nC="1 and more"\n');
  writeFileSync(join(project, '.env.local'), 'B=2\nC=2\n');
  const { env, cwd } = withDotEnv({ env: { C: '3', D: '3' }, cwd: '/elsewhere' }, project);
  expect([env, cwd]).toEqual([{ A: '1', B: '2', C: '3', D: '3' }, '/elsewhere']);
  expect(dotEnvNames(project)).toEqual([
    { file: '.env', names: ['A', 'B', 'C'] },
    { file: '.env.local', names: ['B', 'C'] },
  ]);
});
it('adds nothing where there is none', () => {
  expect(withDotEnv({ env: { A: '1' }, cwd: '/' }, project).env).toEqual({ A: '1' });
  expect(dotEnvNames(project)).toEqual([]);
});
