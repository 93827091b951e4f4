import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BottleRuns, freePorts, type Run, textAt, until } from '../testing/bottle-runs.ts';

let directory: string;
const runs = new BottleRuns(() => directory);
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bd-'));
});
afterEach(async () => {
  await runs.killAll();
  rmSync(directory, { recursive: true, force: true });
});

const { write } = runs;
const saying = (text: string): string => `export const hello = () => ${JSON.stringify(text)};\n`;
const MANIFEST = `service: edited
functions:
  hello: { handler: src/hello.hello, events: [{ http: { path: /hello, method: get } }] }
`;

interface Dev extends Run {
  port: number;
  adminPort: number;
  hello(): Promise<string>;
  /** How often the project was reloaded, or tried to be. */
  reloads(): number;
}
async function startDev(outputFile?: string): Promise<Dev> {
  const [port, adminPort] = await freePorts();
  const args = ['dev', '.', '--port', String(port), '--admin-port', String(adminPort)];
  const run = outputFile === undefined ? runs.start(...args) : runs.startInto(join(directory, outputFile), ...args);
  await run.says(' on http://localhost');
  const reloads = (): number => run.output().match(/reloaded in|does not load/g)?.length ?? 0;
  return { ...run, port, adminPort, hello: () => textAt(port, '/hello'), reloads };
}
const answers = async (dev: Dev, text: string): Promise<void> => {
  await until(async () => (await dev.hello()) === text).catch((error: unknown) => {
    throw new Error(`no "${text}":\n${dev.output()}`, { cause: error });
  });
};
/** The process that a process has started with such a command line. */
function childOf(parent: number, part: string): number {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ');
  return Number(children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(part)));
}

it('reloads without losing a request, and keeps the old code when the new one does not load', async () => {
  write('serverless.yml', MANIFEST);
  write('src/hello.ts', saying('one'));
  const dev = await startDev();
  let stopped = false;
  let count = 0;
  const failures: string[] = [];
  const load = (async () => {
    for (; !stopped; count++) {
      const response = await fetch(`http://127.0.0.1:${dev.port}/hello`);
      const body = await response.text();
      if (response.status !== 200) failures.push(`${response.status} ${body}`);
    }
  })();
  for (const text of ['two', 'three', 'four']) {
    write('src/hello.ts', saying(text));
    await answers(dev, text);
  }
  write('src/hello.ts', `${saying('five')}this is no TypeScript\n`);
  await dev.says('does not load; the code from before keeps serving');
  expect(await dev.hello()).toBe('four');
  write('src/hello.ts', saying('six'));
  await answers(dev, 'six');
  // The code from before serves until the sidecar knows the new one, also when that takes long.
  const sidecar = childOf(dev.child.pid ?? 0, 'sidecar/');
  const reloads = (): number => dev.output().split('reloaded in').length;
  await until(() => reloads() === 5); // of two, three, four and six; an answer may come before it is said
  const before = reloads();
  process.kill(sidecar, 'SIGSTOP');
  write('src/hello.ts', saying('seven'));
  await delay(1_000);
  expect(reloads()).toBe(before);
  process.kill(sidecar, 'SIGCONT');
  await until(() => reloads() > before);
  await answers(dev, 'seven');
  stopped = true;
  await load;
  expect(count).toBeGreaterThan(50);
  expect(failures).toEqual([]);
  dev.child.kill('SIGINT');
  expect(await dev.exit).toBe(0);
});

it('is not reloaded by files that nobody loads, its own output among them', async () => {
  write('serverless.yml', `${MANIFEST}package: { include: ['**/*.txt', 'output'] }\n`);
  write('.gitignore', 'ignored/\n');
  write('src/hello.ts', saying('one'));
  write('texts/a.txt', 'a');
  const dev = await startDev('output');
  for (const path of [
    'README.md',
    'data/rows.txt',
    'logs/a.txt',
    'ignored/b.txt',
    'src/unused.ts',
    'node_modules/x/i.txt',
  ])
    write(path, 'x');
  appendFileSync(join(directory, 'README.md'), 'y');
  write('src/hello.ts', saying('two'));
  await answers(dev, 'two');
  await dev.says('reloaded in');
  expect(dev.output()).toContain('ms (src/hello.ts)');
  write('texts/b.txt', 'b');
  await dev.says('ms (texts/b.txt)');
  expect(dev.reloads()).toBe(2);
});

it('follows what code imports: late, in loads that fail, and files that are not there yet', async () => {
  write('serverless.yml', MANIFEST);
  write('src/hello.ts', `export const hello = async () => (await import('./late.ts')).text;\n`);
  write('src/late.ts', `export const text = 'late 1';\n`);
  const dev = await startDev();
  await answers(dev, 'late 1');
  write('src/late.ts', `export const text = 'late 2';\n`);
  await answers(dev, 'late 2');
  write('src/hello.ts', `import { text } from './deep/text';\nexport const hello = () => text;\n`);
  await dev.says('does not load');
  write('src/deep/text.ts', 'export const text = broken here;\n');
  await dev.says('src/deep/text.ts changed, but does not load');
  write('src/deep/text.ts', `export const text = 'deep';\n`);
  await answers(dev, 'deep');
  expect(dev.reloads()).toBeGreaterThan(3);
});

it('reloads once for an editor that replaces a file, and once more for all changes during a reload', async () => {
  write('serverless.yml', MANIFEST);
  // Says that it is loaded, and is only when it may.
  write(
    'src/slow.ts',
    `import { appendFileSync, existsSync } from 'node:fs';
appendFileSync('loads', '.');
while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 10));
`,
  );
  const loads = (): number => readFileSync(join(directory, 'loads'), 'utf8').length;
  const source = (text: string): string => `import './slow.ts';\n${saying(text)}`;
  write('src/hello.ts', source('one'));
  write('go', '');
  const dev = await startDev();
  write('src/.hello.ts.tmp', source('two'));
  renameSync(join(directory, 'src/.hello.ts.tmp'), join(directory, 'src/hello.ts'));
  await answers(dev, 'two');
  expect(loads()).toBe(2);
  rmSync(join(directory, 'go'));
  write('src/hello.ts', source('three'));
  await until(() => loads() === 3);
  for (const text of ['four', 'five', 'six']) {
    write('src/hello.ts', source(text));
    await delay(60);
  }
  expect(loads()).toBe(3);
  write('go', '');
  await answers(dev, 'six');
  await until(() => dev.reloads() === 3);
  expect(loads()).toBe(4);
});

it('applies a sidecar.yml that is made, changed and removed, and no wrong one', async () => {
  write('serverless.yml', MANIFEST);
  write('src/hello.ts', saying('one'));
  const dev = await startDev();
  const resources = async (): Promise<string> => textAt(dev.adminPort, '/resources');
  expect(await resources()).not.toContain('sessions');
  write('sidecar.yml', 'resources: { cache: { sessions: { driver: memory } } }\n');
  await until(async () => (await resources()).includes('sessions'));
  write('sidecar.yml', 'resuorces: {}\n');
  await dev.says('sidecar.yml is not applied');
  expect(dev.output()).toContain('resuorces: unknown key');
  expect(await resources()).toContain('sessions');
  expect(await dev.hello()).toBe('one');
  expect(dev.output()).toContain('sidecar.yml changed: starting the sidecar again');
  rmSync(join(directory, 'sidecar.yml'));
  await until(async () => !(await resources()).includes('sessions'));
  await answers(dev, 'one');
  expect(dev.output()).not.toContain('sidecar ended'); // that is for one that died
});

it('goes on with what it accepted, also when a wrong sidecar.yml follows a right one at once', async () => {
  write('serverless.yml', MANIFEST);
  write('src/hello.ts', saying('one'));
  write('sidecar.yml', 'resources: { cache: { first: { driver: memory } } }\n');
  const dev = await startDev();
  const resources = async (): Promise<string> => textAt(dev.adminPort, '/resources').catch(() => '');
  write('sidecar.yml', 'resources: { cache: { second: { driver: memory } } }\n');
  await dev.says('starting the sidecar again');
  write('sidecar.yml', 'nonsense: 1\n');
  await dev.says('sidecar.yml is not applied');
  await until(async () => (await resources()).includes('second'));
  await answers(dev, 'one');
  expect(dev.output()).not.toContain('sidecar ended');
  rmSync(join(directory, 'sidecar.yml'));
  await until(async () => !(await resources().then((text) => text.includes('second'))));
  await answers(dev, 'one');
});

it('started elsewhere it applies the sidecar.yml of the project when that is made, and no other', async () => {
  write('shop/serverless.yml', MANIFEST);
  write('shop/src/hello.ts', saying('one'));
  const [port, adminPort] = await freePorts();
  const dev = runs.start('dev', 'shop', '--port', String(port), '--admin-port', String(adminPort));
  await dev.says('edited is ready on');
  const resources = async (): Promise<string> => textAt(adminPort, '/resources');
  write('sidecar.yml', 'resources: { cache: { elsewhere: { driver: memory } } }\n');
  write('shop/sidecar.yml', 'resources: { cache: { sessions: { driver: memory } } }\n');
  await until(async () => (await resources()).includes('cache.sessions'));
  expect(await resources()).not.toContain('elsewhere');
  expect(dev.output().match(/starting the sidecar again/g)).toHaveLength(1);
  expect(await textAt(port, '/hello')).toBe('one');
});

it('SIGTERM while it waits for readiness ends it in order, without a word of its own asking', async () => {
  write('serverless.yml', MANIFEST);
  write('src/hello.ts', `await new Promise((resolve) => setTimeout(resolve, 600_000));\n${saying('never')}`);
  const [port, adminPort] = await freePorts();
  const dev = runs.start('dev', '.', '--port', String(port), '--admin-port', String(adminPort));
  await until(async () => (await fetch(`http://127.0.0.1:${adminPort}/functions`)).ok);
  dev.child.kill('SIGTERM');
  expect(await dev.exit).toBe(0);
  expect(dev.output()).toContain('stopping (SIGTERM)');
  expect(dev.output()).not.toMatch(/fetch failed|ECONNREFUSED|\n +at /);
});

it('says once, with the lines around it, why a file does not load, and shows the table anyhow', async () => {
  write(
    'serverless.yml',
    `${MANIFEST}  twice: { handler: src/hello.hello, events: [{ http: { path: /twice, method: get } }] }\n`,
  );
  write('src/hello.js', `import './lib.js';\n${saying('one')}`);
  write('src/lib.js', 'export const lib = 1;\nthis is no JavaScript\n');
  const dev = await startDev();
  expect(dev.output()).toMatch(/hello +GET \/hello +src\/hello\.hello +30 s +\d+ +failed/);
  await dev.says('src/lib.js:2:6  SyntaxError');
  expect(dev.output()).toContain('> 2 | this is no JavaScript\n    |      ^');
  await delay(1_500); // the functions are tried again meanwhile
  expect(dev.output().match(/SyntaxError/g)).toHaveLength(1);
  expect(dev.output()).not.toContain('compileSourceTextModule'); // no frames of Node.js
  write('src/lib.js', '');
  await answers(dev, 'one');
  await dev.says('edited is ready on');
});
