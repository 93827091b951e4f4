import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BottleRuns } from '../testing/bottle-runs.ts';

const SDK = dirname(fileURLToPath(import.meta.resolve('bottle-sdk/package.json')));

let directory: string;
const runs = new BottleRuns(() => directory);
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bk-'));
});
afterEach(async () => {
  await runs.killAll();
  rmSync(directory, { recursive: true, force: true });
});
const { write } = runs;
async function check(...flags: string[]): Promise<{ code: number | null; output: string }> {
  const run = runs.start('check', '.', ...flags);
  return { code: await run.exit, output: run.output() };
}

it('shows why code does not load once, with its place and the lines around it, however many functions have it', async () => {
  write(
    'serverless.yml',
    'service: s\nfunctions:\n  a: { handler: src/a.a }\n  b: { handler: src/a.b }\n  c: { handler: src/c.c }\n  d: { handler: src/d.d }\n',
  );
  write('src/a.ts', `import './lib.ts';\nexport const a = () => 1;\nexport const b = () => 2;\n`);
  write('src/lib.ts', 'export const one = 1;\nexport const two = ;\n');
  write('src/c.js', `export const c = () => 3;\nthrow new TypeError('no table');\n`);
  const { code, output } = await check();
  expect(code).toBe(70);
  expect(output.match(/src\/lib\.ts:2:\d+ {2}/g)).toHaveLength(1);
  expect(output).toMatch(/  1 \| export const one = 1;\n> 2 \| export const two = ;\n {4}\| +\^\n/);
  expect(output).toMatch(/src\/c\.js:2:7 {2}TypeError: no table\n\n[^]*> 2 \| throw new TypeError\('no table'\);\n/);
  expect(output).toMatch(/^error: a \(serverless\.yml:3\), b \(serverless\.yml:4\) do not load: SyntaxError/m);
  expect(output).toContain(
    'error: d (serverless.yml:6) does not load: handler "src/d.d": there is no file src/d.ts or .js\n',
  );
  expect(output).toContain('4 of 4 functions do not load\n');
  expect(output).not.toMatch(/node:internal/);
});

it('shows why a layer does not load once', async () => {
  write(
    'serverless.yml',
    'service: s\nlayers: { l: { path: ./layer.js } }\nfunctions:\n  a: { handler: a.a }\n  b: { handler: a.b }\n',
  );
  write('a.js', 'export const a = () => 1;\nexport const b = () => 2;\n');
  write('layer.js', `const missing = undefined;\nexport default missing.layer;\n`);
  const { code, output } = await check();
  expect(code).toBe(70);
  expect(output.match(/layer\.js:2:24 {2}TypeError/g)).toHaveLength(1);
  expect(output).toContain('> 2 | export default missing.layer;\n');
});

it('tells code that needs a pod to load from code that does not load', async () => {
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(SDK, join(directory, 'node_modules/bottle-sdk'));
  const opens = `import { bottle, withScope } from 'bottle-sdk';
const open = () => withScope({ timeout: 60_000 }, () => bottle.cache('c').get('a'));
`;
  write(
    'serverless.yml',
    'service: s\nlayers: { l: { path: ./layer.js } }\nfunctions:\n  a: { handler: a.a, uses: [cache.c] }\n  b: { handler: b.b }\n',
  );
  write('layer.js', `${opens}export default () => open();\n`);
  write('a.js', `${opens}await open();\nexport const a = () => 1;\n`);
  write('b.js', 'export const b = () => 2;\n');
  const fine = await check();
  expect(fine.code).toBe(0);
  expect(fine.output).toMatch(/a +\(none\) +a\.a +30 s +200 +unchecked/);
  expect(fine.output).toMatch(/b +\(none\) +b\.b +30 s +200 +ready/);
  expect(fine.output).toContain('warning: the layers call the bottle when they start');
  expect(fine.output).toMatch(/warning: a: the code calls the bottle as it is loaded, .*\nok\n$/);
  expect(fine.output).not.toContain('not connected');
  write('b.js', 'export const b = ;\n');
  const broken = await check();
  expect(broken.code).toBe(70);
  expect(broken.output).toContain('1 of 2 functions do not load\n');
  expect(broken.output).toMatch(/> 1 \| export const b = ;/);
});

it('shows the lines around a syntax error of either file, of sidecar.yml without values', async () => {
  write('serverless.yml', 'service: s\nfunctions:\n  a: { handler: a.a\n  b: { handler: a.b }\n');
  write('sidecar.yml', 'resources:\n  cache:\n    a: { driver: redis, password: s3cret\n  password: "s3cret\n');
  const { code, output } = await check();
  expect(code).toBe(78);
  expect(output).toMatch(
    / serverless\.yml:4 {2}.+\n\n {6}2 \| functions:\n {6}3 \| {3}a: \{ handler: a\.a\n {4}> 4 \| {3}b: /,
  );
  expect(output).toMatch(/sidecar\.yml:\d {2}.+\n\n/);
  expect(output).toContain('|   cache:\n');
  expect(output).toContain('|     a: …\n');
  expect(output).not.toContain('s3cret');
});

it('lists everything that is wrong with both files at once, also what the environment decides here', async () => {
  write(
    'serverless.yml',
    `service: my shop
provider:
  runtime: nodejs12
  timout: 3
functions:
  a:
    handler: src/a.a
    events:
      - http: { path: /a/:id/b/:id }
      - mq: { topic: my orders }
      - timer: { type: cron, value: "0 99 * * *" }
`,
  );
  write('sidecar.yml', 'http:\n  port: abc\n');
  write('.env', 'BOTTLE_PORT=8080\n');
  const { code, output } = await check();
  expect(code).toBe(78);
  for (const place of [
    'serverless.yml:1  service: ',
    'serverless.yml:3  provider.runtime: ',
    'serverless.yml:4  provider.timout: unknown key; did you mean "timeout"?',
    'serverless.yml:9  functions.a.events.0.http.path: "id" is the name of two parameters',
    'serverless.yml:10  functions.a.events.1.mq.topic: ',
    'serverless.yml:11  functions.a.events.2.timer.value: ',
    'sidecar.yml:2  http.port: expected a whole number from 0 to 65535, not "abc"',
  ])
    expect(output).toContain(place);
});

it('reads the operator’s file of the project, and not one that lies where it is started', async () => {
  write('sidecar.yml', 'resuorces: {}\n');
  write('shop/serverless.yml', 'service: s\nfunctions: { a: { handler: a.a } }\n');
  write('shop/a.js', 'export const a = () => 1;\n');
  const run = runs.start('check', 'shop');
  expect([await run.exit, run.output()]).toEqual([0, expect.stringMatching(/ok\n$/)]);
});
