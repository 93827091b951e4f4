import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadHandler, loadLayer } from './load-handler.ts';

let project: string;
const write = (path: string, text: string): void => {
  mkdirSync(join(project, path, '..'), { recursive: true });
  writeFileSync(join(project, path), text);
};
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'bottle-load-'));
  write('package.json', '{"type":"module","dependencies":{"declared":"1.0.0"}}');
  write(
    'named.ts',
    'export const one = (_ctx: unknown, event: number): number => event + 1;\nexport const text = "no function";\n',
  );
  write('fallback.js', 'export default () => "default";\n');
  write('common.cjs', 'exports.named = () => "named"; exports.default = () => "own default";\n');
  write('assigned.cjs', 'module.exports = () => "assigned";\n');
  write(
    'callback.mjs',
    'export const ok = (c, e, done) => setTimeout(done, 1, null, e); export const bad = (c, e, done) => done(new Error("said no"));\n',
  );
  write('generator.mjs', 'export async function* items(ctx) { ctx.type = "set"; yield 1; yield 2; }\n');
  write('nested/index.ts', 'export const here = () => "nested";\n');
  write('node_modules/some-layer/package.json', '{"name":"some-layer","type":"module","main":"index.js"}');
  write('node_modules/some-layer/index.js', 'export default (engine) => engine;\n');
  write('layer.ts', 'export const layer = (engine: unknown): unknown => engine;\n');
});
afterAll(() => rmSync(project, { recursive: true }));

describe('a package that is not installed', () => {
  it.each([
    [
      'declared.js',
      "import 'declared/part';\n",
      "Cannot find package 'declared/part'",
      'package.json has it, but it is not installed: run `npm install`',
    ],
    [
      'scoped.js',
      "import '@scope/missing';\n",
      "Cannot find package '@scope/missing'",
      'package.json does not have it: run `npm install @scope/missing`',
    ],
    [
      'required.cjs',
      "require('declared');\n",
      "Cannot find module 'declared'",
      'package.json has it, but it is not installed: run `npm install`',
    ],
  ])('is named with what to do: %s', async (file, text, what, hint) => {
    write(file, text);
    const error: unknown = await loadHandler(project, `${file.split('.')[0]}.any`, 1).catch(
      (thrown: unknown) => thrown,
    );
    expect((error as Error).message).toContain(what);
    expect((error as Error).message.split('\n')[0]).toContain(`(${hint})`);
  });
  it('is not what a file is that is not there', async () => {
    write('file.js', "import './nowhere.js';\n");
    await expect(loadHandler(project, 'file.any', 1)).rejects.not.toThrow('npm install');
  });
});

describe('loadHandler', () => {
  it.each([
    ['named.one', 2],
    ['fallback.default', 'default'],
    ['common.named', 'named'],
    ['common.default', 'own default'],
    ['assigned.default', 'assigned'],
    ['callback.ok', 1],
    ['nested/index.here', 'nested'],
  ])('finds %s', async (handler, expected) => {
    const loaded = await loadHandler(project, handler, 1);
    expect(await loaded({}, 1)).toBe(expected);
  });
  it('passes on what a callback was given as an error', async () => {
    const loaded = await loadHandler(project, 'callback.bad', 1);
    await expect(loaded({}, 1)).rejects.toThrow('said no');
  });
  it('says what is missing', async () => {
    await expect(loadHandler(project, 'nowhere.x', 1)).rejects.toMatchObject({
      reason: 'no-module',
      message: expect.stringContaining('nowhere'),
    });
    const none = (message: string): object => ({ reason: 'no-export', message: expect.stringContaining(message) });
    await expect(loadHandler(project, 'named.ones', 1)).rejects.toMatchObject(none('"ones"; did you mean "one"?'));
    await expect(loadHandler(project, 'named.text', 1)).rejects.toMatchObject(none('function "text"; there is "one"'));
    await expect(loadHandler(project, 'common.x', 1)).rejects.toMatchObject(none('; there is "default", "named"'));
  });
});

describe('loadLayer', () => {
  it('loads a package of the project, or a file', async () => {
    const [fromPackage, fromFile] = await Promise.all([
      loadLayer(project, { name: 'a', path: 'npm:some-layer@1.2.3' }, 1),
      loadLayer(project, { name: 'b', path: './layer' }, 1),
    ]);
    expect([fromPackage('engine'), fromFile('engine')]).toEqual(['engine', 'engine']);
  });
  it('is fatal when there is none', async () => {
    await expect(loadLayer(project, { name: 'a', path: 'npm:@no/such@1' }, 1)).rejects.toThrow(
      'the package @no/such is not installed',
    );
    await expect(loadLayer(project, { name: 'b', path: './nowhere' }, 1)).rejects.toMatchObject({ reason: 'no-layer' });
  });
});
