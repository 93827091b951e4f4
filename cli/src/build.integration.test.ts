import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuildHarness, filesBelow } from './build/build-harness.ts';

const LIGHT_STORE = join(import.meta.dirname, '../../examples/light-store');

let harness: BuildHarness;
beforeAll(() => {
  harness = new BuildHarness();
});
afterAll(() => harness.close());

const ONE_FUNCTION = `service: small
functions:
  greet:
    handler: src/greet.greet
    events: [{ http: { path: /greet/:name } }]
`;
const GREET = `interface Greeting {
  hello: string;
}

export const greet = (ctx: { params: { name: string } }): Greeting => {
  if (ctx.params.name === 'nobody') {
    throw new TypeError('nobody is not greeted');
  }
  return { hello: ctx.params.name };
};
`;
const small = (name: string, files: Readonly<Record<string, string>> = {}): string =>
  harness.project(name, {
    'package.json': '{"type":"module"}',
    'serverless.yml': ONE_FUNCTION,
    'src/greet.ts': GREET,
    ...files,
  });

describe('bottle build', () => {
  it('makes of light-store a folder that serves elsewhere, without node_modules', async () => {
    const out = join(harness.directory, 'light-store');
    const run = await harness.build(LIGHT_STORE, '--out', out);
    expect(run.stdout()).toMatch(/^light-store: \d+ functions in \d+ bundles$/m);
    expect(run.stdout()).toMatch(/^listItems +[\d.]+ kB +[\d.]+ kB +\(own code\) [\d.]+ kB$/m);
    expect(run.stdout()).toMatch(/^total +[\d.]+ kB, 0\.\d % of the budget of 10\.0 MB$/m);
    expect([...filesBelow(out).keys()].filter((path) => path.includes('node_modules'))).toEqual([]);
    const { url, child, exit } = await harness.start(out);
    const health = await fetch(`${url}/health`);
    expect([health.status, await health.json()]).toMatchObject([200, { status: 'ok', items: 41 }]);
    const items = (await (await fetch(`${url}/items?pageSize=2`)).json()) as { items: unknown[]; total: number };
    expect([items.items.length, items.total]).toEqual([2, 41]);
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
  });

  it.each([
    ['plain', []],
    ['minified', ['--minify']],
  ])('names the original line of an error in the log (%s)', async (how, options) => {
    const project = small(`thrown-${how}`);
    const out = join(project, 'elsewhere');
    await harness.build(project, '--out', out, ...options);
    const moved = join(harness.directory, `moved-${how}`);
    renameSync(out, moved);
    const { url, lines, child, exit } = await harness.start(moved);
    expect((await fetch(`${url}/greet/nobody`)).status).toBe(500);
    expect(await (await fetch(`${url}/greet/you`)).json()).toEqual({ hello: 'you' });
    child.kill('SIGTERM');
    await exit;
    const stacks = lines().flatMap(({ err }) => (err as { stack?: string } | undefined)?.stack ?? []);
    expect(stacks.join('\n')).toContain(`${moved}/src/greet.ts:7:11`);
  });

  it('replaces an earlier output whole, and nothing else', async () => {
    const project = small('replaced');
    const out = join(project, '.bottle/build');
    await harness.build(project);
    mkdirSync(join(out, '.bottle/data'), { recursive: true });
    writeFileSync(join(out, '.bottle/data/shop.sqlite'), 'somebody’s');
    const kept = harness.bottle('build', project);
    expect([await kept.exit, kept.output()]).toEqual([
      64,
      expect.stringContaining('has files that no build has made: move .bottle/data/shop.sqlite elsewhere'),
    ]);
    rmSync(join(out, '.bottle'), { recursive: true });
    mkdirSync(join(project, '.bottle/.build.partial-999999999-0a'), { recursive: true });
    await harness.build(project);
    expect(readdirSync(join(project, '.bottle'))).toEqual(['build']);

    const foreign = harness.bottle('build', project, '--out', join(project, 'src'));
    expect([await foreign.exit, foreign.output()]).toEqual([
      64,
      expect.stringContaining('is not empty, and no output'),
    ]);
    const above = harness.bottle('build', project, '--out', harness.directory);
    expect([await above.exit, above.output()]).toEqual([64, expect.stringContaining('has the project itself in it')]);
    const unwritable = harness.bottle('build', project, '--out', '/proc/output');
    expect([await unwritable.exit, unwritable.output()]).toEqual([
      1,
      expect.stringMatching(/^the output cannot be written: /),
    ]);
    const file = harness.bottle('build', project, '--out', join(project, 'src/greet.ts'));
    expect([await file.exit, file.output()]).toEqual([64, expect.stringContaining('is not a directory')]);
    expect(existsSync(join(project, 'src/greet.ts'))).toBe(true);
  });

  it.each([
    ['in the project', '.bottle/build', '.bottle/data'],
    ['elsewhere', 'dist/counter', 'dist/counter.data'],
  ])('made %s, it keeps no data: a rebuild under a running pod loses no row', async (_where, output, data) => {
    const project = small(`counter-${output.replaceAll(/\W/g, '-')}`, {
      'serverless.yml':
        'service: counter\nfunctions:\n  add: { handler: src/count.add, uses: [db.shop], events: [{ http: { path: /add, method: post } }] }\n',
      'src/count.ts': `import { bottle } from 'bottle-sdk';
export const add = async () => {
  const db = bottle.db('shop');
  await db.sql\`create table if not exists rows (id integer primary key)\`;
  await db.sql\`insert into rows default values\`;
  const [row] = await db.sql\`select count(*) as n from rows\`;
  return row;
};
`,
    });
    const out = join(project, output);
    const rows = async (url: string): Promise<unknown> => (await fetch(`${url}/add`, { method: 'POST' })).json();
    await harness.build(project, '--out', out);
    const before = await harness.start(out);
    for (let n = 1; n <= 3; n++) expect(await rows(before.url)).toEqual({ n });
    await harness.build(project, '--out', out);
    expect(await rows(before.url)).toEqual({ n: 4 });
    before.child.kill('SIGTERM');
    await before.exit;
    const after = await harness.start(out);
    expect(await rows(after.url)).toEqual({ n: 5 });
    expect(readdirSync(join(project, data)).some((name) => name.includes('shop'))).toBe(true);
    after.child.kill('SIGTERM');
    await after.exit;
  });

  it('gives the same bytes for the same input, wherever it lies', async () => {
    const project = small('first', { 'src/shared.ts': 'export const shared = import.meta.url;\n' });
    writeFileSync(join(project, 'src/greet.ts'), `${GREET}export { shared } from './shared';\n`);
    const copy = join(harness.directory, 'second/deeper');
    cpSync(project, copy, { recursive: true });
    await harness.build(project);
    await harness.build(copy, '--out', join(harness.directory, 'second-output'));
    const [first, second] = [join(project, '.bottle/build'), join(harness.directory, 'second-output')].map(filesBelow);
    expect(first?.size).toBeGreaterThan(3);
    expect(second).toEqual(first);
  });

  it('fails over budget, says what is big, and writes nothing', async () => {
    const big = `export const words = ${JSON.stringify('lamp '.repeat(4_000))};\n`;
    const project = small('big', {
      'node_modules/words/package.json': '{"name":"words","type":"module","main":"index.js"}',
      'node_modules/words/index.js': big,
      'src/greet.ts': `import { words } from 'words';\n${GREET}export const all = () => words;\n`,
    });
    const over = harness.bottle('build', project, '--budget', '10kb');
    expect(await over.exit).toBe(1);
    expect(over.output()).toMatch(/^total +20\.\d kB, 20\d % of the budget of 10\.0 kB$/m);
    expect(over.output()).toMatch(/^ +20\.0 kB {2}node_modules\/words\/index\.js$/m);
    expect(existsSync(join(project, '.bottle'))).toBe(false);
    const json = await harness.build(project, '--json');
    expect(JSON.parse(json.stdout())).toMatchObject({
      service: 'small',
      out: join(project, '.bottle/build'),
      functions: [{ name: 'greet', packages: [{ name: 'words' }, { name: '(own code)' }] }],
      budgetBytes: 10_000_000,
      withinBudget: true,
    });

    writeFileSync(join(project, 'serverless.yml'), `${ONE_FUNCTION}custom: { build: { budget: 10kb } }\n`);
    expect(await harness.bottle('build', project).exit).toBe(1);
    writeFileSync(join(project, 'serverless.yml'), `${ONE_FUNCTION}custom: { build: { budgett: 10kb } }\n`);
    const wrong = harness.bottle('build', project);
    expect(await wrong.exit).toBe(78);
    expect(wrong.output()).toContain('custom.build.budgett: unknown key; did you mean "budget"?');
    const noSize = harness.bottle('build', project, '--budget', 'small');
    expect([await noSize.exit, noSize.output()]).toEqual([64, expect.stringContaining('"small" is not a size')]);
  });

  it('shows mistakes with their place, and keeps the output from before', async () => {
    const project = small('mistaken');
    await harness.build(project);
    const before = filesBelow(join(project, '.bottle/build'));
    writeFileSync(join(project, 'src/greet.ts'), `${GREET}export const x = = 1;\n`);
    const syntax = harness.bottle('build', project);
    expect(await syntax.exit).toBe(70);
    expect(syntax.output()).toContain('src/greet.ts:11:17');
    expect(syntax.output()).toContain('export const x = = 1;');
    writeFileSync(join(project, 'src/greet.ts'), `import 'nowhere';\n${GREET.replace('greet =', 'great =')}`);
    const unresolved = harness.bottle('build', project);
    expect([await unresolved.exit, unresolved.output()]).toEqual([70, expect.stringContaining('Could not resolve')]);
    writeFileSync(join(project, 'src/greet.ts'), GREET.replace('greet =', 'great ='));
    const noExport = harness.bottle('build', project);
    expect([await noExport.exit, noExport.output()]).toEqual([
      70,
      'error: greet does not load: handler "src/greet.greet": src/greet has no exported function "greet"; did you mean "great"?\n',
    ]);
    renameSync(join(project, 'src/greet.ts'), join(project, 'src/gone.ts'));
    const noFile = harness.bottle('build', project);
    expect([await noFile.exit, noFile.output()]).toEqual([70, expect.stringContaining('there is no file src/greet')]);
    writeFileSync(join(project, 'serverless.yml'), 'service: s\nfunctons: {}\n');
    const manifest = harness.bottle('build', project);
    expect(await manifest.exit).toBe(78);
    expect(manifest.output()).toContain('serverless.yml:2  functons: unknown key; did you mean "functions"?');
    expect(filesBelow(join(project, '.bottle/build'))).toEqual(before);
  });

  it('leaves nothing behind on Ctrl-C', async () => {
    // The bundler waits for a pipe that nobody writes to.
    const project = small('stopped', {
      'src/greet.ts': `import data from './slow.json' with { type: 'json' };\n${GREET}export { data };\n`,
    });
    spawnSync('mkfifo', [join(project, 'src/slow.json')]);
    const run = harness.bottle('build', project);
    const pipe = await openWhenRead(join(project, 'src/slow.json'));
    run.child.kill('SIGINT');
    expect(await run.exit).toBe(130);
    closeSync(pipe);
    expect(existsSync(join(project, '.bottle/build'))).toBe(false);
    expect(existsSync(join(project, '.bottle')) ? readdirSync(join(project, '.bottle')) : []).toEqual([]);
  });
});

/** A pipe can be opened for writing, without waiting, once somebody reads it. */
async function openWhenRead(pipe: string): Promise<number> {
  for (const deadline = performance.now() + 20_000; ; await delay(10)) {
    try {
      return openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
}

it('the output says what it is', () => {
  const manifest = readFileSync(join(harness.directory, 'replaced/.bottle/build/serverless.yml'), 'utf8');
  expect(manifest).toMatch(/^# Made by `bottle build`/);
  expect(manifest).toContain('handler: bundle/src-greet.greet');
});
