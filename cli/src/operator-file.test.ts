import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OUTPUT_MARK } from './build/output-manifest.ts';
import { operatorFile } from './operator-file.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'bo-'));
  for (const directory of ['shop/.bottle/build', 'dist/shop']) {
    mkdirSync(join(cwd, directory), { recursive: true });
    writeFileSync(join(cwd, directory, 'serverless.yml'), `${OUTPUT_MARK}\nservice: shop\n`);
  }
  writeFileSync(join(cwd, 'shop/serverless.yml'), 'service: shop\n');
  writeFileSync(join(cwd, 'sidecar.yml'), '');
});
afterEach(() => rmSync(cwd, { recursive: true }));
const fileOf = (project: string, flag?: string, env: Record<string, string> = {}): string | undefined =>
  operatorFile(flag, join(cwd, project), { env, cwd })?.slice(cwd.length + 1);

it('is the project’s own, never one that happens to lie where the command was started', () => {
  expect(fileOf('shop')).toBeUndefined();
  writeFileSync(join(cwd, 'shop/sidecar.yml'), '');
  expect(fileOf('shop')).toBe('shop/sidecar.yml');
});

it('of an output is that of its project, or, elsewhere, the one where the command was started', () => {
  expect(fileOf('shop/.bottle/build')).toBeUndefined();
  expect(fileOf('dist/shop')).toBe('sidecar.yml');
  writeFileSync(join(cwd, 'shop/sidecar.yml'), '');
  expect(fileOf('shop/.bottle/build')).toBe('shop/sidecar.yml');
  writeFileSync(join(cwd, 'shop/.bottle/build/sidecar.yml'), '');
  expect(fileOf('shop/.bottle/build')).toBe('shop/.bottle/build/sidecar.yml');
});

it('is the one that is named, by the flag before the environment', () => {
  expect(fileOf('shop', 'a.yml', { BOTTLE_CONFIG: 'b.yml' })).toBe('a.yml');
  expect(fileOf('shop', undefined, { BOTTLE_CONFIG: 'b.yml' })).toBe('b.yml');
  expect(fileOf('dist/shop', undefined, { BOTTLE_CONFIG: '' })).toBe('sidecar.yml');
});
