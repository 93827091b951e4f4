import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { contentProblems } from './check-package.ts';

const MANIFEST = {
  name: 'lamp',
  version: '1.0.0',
  description: 'shines',
  keywords: ['light'],
  license: 'Apache-2.0',
  repository: { type: 'git', url: 'git+https://example.com/lamp.git' },
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
};
const GOOD: Readonly<Record<string, string>> = {
  LICENSE: 'x',
  'README.md': 'x',
  'CHANGELOG.md': 'x',
  'package.json': JSON.stringify(MANIFEST),
  'dist/index.js': 'export {};',
  'dist/index.js.map': JSON.stringify({ sources: ['../src/index.ts'] }),
  'dist/index.d.ts': "import type { Readable } from 'node:stream';\nexport {};",
  'src/index.ts': 'export {};',
};

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bottle-package-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** What is wrong with the good package after this change of its files; undefined: not there. */
function problems(change: Readonly<Record<string, string | undefined>>): string[] {
  for (const [path, text] of Object.entries({ ...GOOD, ...change })) {
    if (text === undefined) continue;
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  const manifest = JSON.parse(change['package.json'] ?? GOOD['package.json'] ?? '') as typeof MANIFEST;
  return contentProblems(directory, manifest, '/home/somebody/bottle');
}

it('finds nothing in a package that is fit', () => {
  expect(problems({})).toEqual([]);
});

it.each([
  [{ LICENSE: undefined }, 'there is no LICENSE'],
  [{ 'package.json': JSON.stringify({ ...MANIFEST, keywords: [] }) }, 'package.json has no keywords'],
  [
    { 'package.json': JSON.stringify({ ...MANIFEST, devDependencies: { vitest: '1' } }) },
    'package.json has devDependencies',
  ],
  [
    { 'package.json': JSON.stringify({ ...MANIFEST, dependencies: { '@bottle/protos': '0.1.0' } }) },
    'depends on @bottle/protos, which is not published',
  ],
  [
    { 'package.json': JSON.stringify({ ...MANIFEST, bin: { lamp: './bin/lamp.js' } }) },
    'package.json names ./bin/lamp.js, which is not there',
  ],
  [{ 'dist/lamp.test.js': '' }, 'has dist/lamp.test.js'],
  [{ 'src/index.ts': undefined }, 'dist/index.js.map leads to ../src/index.ts, which is not there'],
  [{ 'dist/index.js': '// /home/somebody/bottle/x.ts' }, 'dist/index.js has a path of this machine'],
  [{ 'dist/index.js': 'new Worker("./tidy-thread.js")' }, 'dist/index.js starts tidy-thread.js, which is not there'],
  [
    { 'dist/index.d.ts': "export { Client } from '@grpc/grpc-js';" },
    'dist/index.d.ts takes types from @grpc/grpc-js, which is no dependency',
  ],
])('%j is a problem', (change, problem) => {
  expect(problems(change)).toEqual([problem]);
});
