import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGitIgnore } from './git-ignore.ts';

let root: string;
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'gi-')));
  mkdirSync(join(root, '.git'));
  mkdirSync(join(root, 'apps/shop/assets'), { recursive: true });
  writeFileSync(join(root, '.gitignore'), '*.log\n/apps/*/cache/\n!kept.log\n');
  writeFileSync(join(root, 'apps/shop/.gitignore'), 'secret.txt\n!wanted.log\n');
  writeFileSync(join(root, 'apps/shop/assets/.gitignore'), '*.tmp\n');
});
afterAll(() => rmSync(root, { recursive: true }));

describe('createGitIgnore', () => {
  it.each([
    ['a.log', true],
    ['kept.log', false],
    ['wanted.log', false],
    ['cache/a.txt', true],
    ['secret.txt', true],
    ['assets/secret.txt', true],
    ['assets/x.tmp', true],
    ['x.tmp', false],
    ['src/hello.ts', false],
  ])('takes %s for ignored: %s', (path, expected) => {
    expect(createGitIgnore(join(root, 'apps/shop'))(join(root, 'apps/shop', path))).toBe(expected);
  });
  it('reads the file of a project outside git', () => {
    const project = realpathSync(mkdtempSync(join(tmpdir(), 'gi-')));
    writeFileSync(join(project, '.gitignore'), 'out/\n');
    const isIgnored = createGitIgnore(project);
    expect([isIgnored(join(project, 'out/a')), isIgnored(join(project, 'a'))]).toEqual([true, false]);
    rmSync(project, { recursive: true });
  });
});
