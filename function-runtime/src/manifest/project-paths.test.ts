import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigProblems } from '@bottle/config-file';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isInProject } from './field-schemas.ts';
import { loadManifest } from './manifest.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bt-m-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function problemsOf(lines: string): Promise<string[]> {
  writeFileSync(join(directory, 'serverless.yml'), `service: s\n${lines}`);
  const error: unknown = await loadManifest(directory).catch((thrown: unknown) => thrown);
  return error instanceof ConfigProblems ? error.problems.map(({ path, message }) => `${path}: ${message}`) : [];
}
const handler = (text: string): string => `functions: { f: { handler: ${JSON.stringify(text)} } }\n`;
const layer = (text: string): string => `functions: {}\nlayers: { l: { path: ${JSON.stringify(text)} } }\n`;

it.each(['../other/src/a.b', 'src/../../a.b', '/etc/a.b', './../a.b'])('refuses the handler %s', async (text) => {
  expect(await problemsOf(handler(text))).toEqual(['functions.f.handler: expected a path inside the project']);
});
it.each(['src/a.b', './src/a.b', 'src/../a.b', 'a..b.c', '..a/b.c'])('takes the handler %s', async (text) => {
  expect(await problemsOf(handler(text))).toEqual([]);
});
it.each(['../layer', '/opt/layer.js', 'npm:../layer', 'npm:/opt/layer', 'npm:a/../../b', 'npm:', 'npm:.hidden'])(
  'refuses the layer %s',
  async (text) => {
    const expected = 'layers.l.path: expected "npm:package@version", or a path inside the project';
    expect(await problemsOf(layer(text))).toEqual([expected]);
  },
);
it.each(['./src/layer.ts', 'layer', 'npm:a', 'npm:@scope/a@1.2.3', 'npm:a/sub@^1.0.0-beta.1'])(
  'takes the layer %s',
  async (text) => {
    expect(await problemsOf(layer(text))).toEqual([]);
  },
);
it('refuses a .proto file of another project', async () => {
  const trigger = '{ rpc: { proto: ../x.proto, service: a.B, method: C } }';
  expect(await problemsOf(`functions: { f: { handler: a.b, events: [${trigger}] } }\n`)).toContain(
    'functions.f.events.0.rpc.proto: expected a path inside the project',
  );
});
it('knows what leaves a directory, in every spelling', () => {
  expect(['..', '../a', 'a/../..', '/a', 'a\u0000', 'a/b/../../../c'].filter(isInProject)).toEqual([]);
  expect(['.', 'a', 'a/..', '...', '..a', 'a/../b'].every(isInProject)).toBe(true);
});
