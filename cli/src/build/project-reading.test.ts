import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageFiles } from './copy-packages.ts';
import { entriesOf } from './entries.ts';
import { placeOf } from './module-places.ts';
import { findPackage, packageNameOf, packageOf } from './package-folders.ts';
import { tsconfigWarnings } from './tsconfig-warnings.ts';

let directory: string;
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), text);
};
const installed = (path: string, dependencies: Record<string, string> = {}): void => {
  write(`${path}/package.json`, JSON.stringify({ name: packageNameOf(path), dependencies }));
};
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'reading-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('packageFiles', () => {
  it('puts a package at the top, and another version of it below whoever needs that', async () => {
    installed('layout/node_modules/a', { b: '2', c: '1' });
    installed('layout/node_modules/a/node_modules/b', { c: '2' });
    installed('layout/node_modules/b', { 'not-there': '1', 'bottle-sdk': '1' });
    installed('layout/node_modules/c', { a: '1' }); // a circle
    installed('layout/node_modules/a/node_modules/b/node_modules/c');
    const root = join(directory, 'layout');
    const folders = new Map(['b', 'a'].map((name) => [name, findPackage(name, root) ?? '']));
    const files = (await packageFiles(folders)).map(({ path, from }) => [path, from.slice(root.length + 1)]);
    expect(files.every(([path, from]) => path === from)).toBe(true);
    expect(files.map(([path]) => dirname(path ?? '')).toSorted()).toEqual([
      'node_modules/a',
      'node_modules/a/node_modules/b',
      'node_modules/a/node_modules/b/node_modules/c',
      'node_modules/b',
      'node_modules/c',
    ]);
  });
});

describe('names and places', () => {
  it('knows the package of a file, scoped and nested ones too', () => {
    expect(packageOf('/p/node_modules/a/node_modules/@s/b/lib/x.js')).toBe('/p/node_modules/a/node_modules/@s/b');
    expect(packageOf('/p/src/x.js')).toBeUndefined();
  });
  it('keeps modules in their places, and those of a workspace below its own names', () => {
    expect(placeOf('/w/app/src/x.ts', '/w/app')).toBe('src/x.ts');
    expect(placeOf('/w/node_modules/zod/index.js', '/w/app')).toBe('node_modules/zod/index.js');
    expect(placeOf('/w/shared/src/y.ts', '/w/app')).toBe('shared/src/y.ts');
  });
  it('gives every file a bundle of its own, whatever it is called', () => {
    const codes = [
      '/p/src/a.b.ts',
      '/p/src/a b.ts',
      '/p/src-a-b.ts',
      '/p/src/a/b.ts',
      '/w/node_modules/@s/layer/main.js',
    ];
    const functions = codes.map((code, index) => ({ name: `f${index}`, handler: 'x.y', rpc: [], code }));
    const packaging = { include: [], exclude: [], external: [], budget: null, minify: false };
    const project = {
      service: 's',
      file: 'serverless.yml',
      includes: [],
      warnings: [],
      needs: [],
      functions,
      layers: [],
      packaging,
    };
    expect(entriesOf(project, '/p').map(({ output }) => output)).toEqual([
      'bundle/src-a-b',
      'bundle/src-a-b-2',
      'bundle/src-a.b',
      'bundle/src-a-b-3',
      'bundle/s-layer-main',
    ]);
  });
});

describe('tsconfigWarnings', () => {
  const warned = (name: string): boolean => tsconfigWarnings(join(directory, name)).length > 0;
  it('follows extends to a package, and lets the nearer file decide', () => {
    write('meta/node_modules/@tsconfig/nest/tsconfig.json', '{"compilerOptions":{"emitDecoratorMetadata":true}}');
    write('meta/tsconfig.json', '{ // ours\n "extends": ["@tsconfig/nest/tsconfig.json"], }');
    expect(warned('meta')).toBe(true);
    write('meta/off/tsconfig.json', '{"extends":"../tsconfig.json","compilerOptions":{"emitDecoratorMetadata":false}}');
    expect(warned('meta/off')).toBe(false);
  });
  it('is not misled by comments, or by a circle', () => {
    write('plain/tsconfig.json', '{"extends":"./tsconfig.json", /* "emitDecoratorMetadata": true */ "x": "http://a"}');
    expect(warned('plain')).toBe(false);
  });
});
