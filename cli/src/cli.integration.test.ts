import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { BottleRuns, freePorts, type PipedRun, textAt, until } from './testing/bottle-runs.ts';

let directory: string;
const runs = new BottleRuns(() => directory);
const bottle = (...args: string[]): PipedRun => runs.start(...args);
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'bc-'));
});
afterEach(() => runs.killAll());
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('init makes a project that checks, and invoke calls it without a running pod', async () => {
  expect(await bottle('init', 'shop').exit).toBe(0);
  const check = bottle('check', 'shop');
  expect(await check.exit).toBe(0);
  expect(check.output()).toMatch(/hello +GET \/hello\/:name +src\/hello\.hello +10 s +200 +ready/);
  const invoke = bottle('invoke', 'echo', 'shop', '--data', '{"text":"hi"}', '--admin-port', '1');
  expect(await invoke.exit).toBe(0);
  expect(invoke.output()).toBe('{"text":"hi"}\n');
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
  const [, printed = ''] = /^ +npx bottle (invoke hello shop [^#\n]+?) *(#.*)?$/m.exec(readme) ?? [];
  const asPrinted = bottle(...printed.split(' '), '--admin-port', '1');
  expect([await asPrinted.exit, JSON.parse(asPrinted.stdout())]).toEqual([0, { hello: 'world' }]);
  const again = bottle('init', 'shop');
  expect([await again.exit, again.output()]).toEqual([
    64,
    'bottle: shop exists and is not empty: choose another name, or remove it first\n',
  ]);
});

it('invoke asks the pod of its own project alone, and keeps its data there', async () => {
  const counter = (name: string): string => {
    const project = join(directory, name);
    mkdirSync(join(project, 'src'), { recursive: true });
    writeFileSync(
      join(project, 'serverless.yml'),
      `service: counter\nfunctions:\n  add: { handler: src/f.add }\n  tick: { handler: src/f.tick, events: [{ timer: { type: every, value: 100ms, name: tick } }, { mq: { topic: q } }] }\n`,
    );
    writeFileSync(
      join(project, 'src/f.js'),
      `import { appendFileSync } from 'node:fs';
import { bottle } from 'bottle-sdk';
export const add = async () => {
  const n = await bottle.config('counts').get('n').catch(() => 0);
  await bottle.config('counts').set('n', n + 1);
  await bottle.mq('default').publish('q', { n });
  return { n: n + 1, at: ${JSON.stringify(name)} };
};
export const tick = () => appendFileSync(${JSON.stringify(join(project, 'ticks'))}, '.');
`,
    );
    return project;
  };
  const [here, there] = [counter('here'), counter('there')];
  const alone = async (project: string): Promise<unknown> => {
    const run = bottle('invoke', 'add', project, '--admin-port', '1');
    await run.exit;
    return JSON.parse(run.output());
  };
  expect(await alone('here')).toEqual({ n: 1, at: 'here' });
  expect(await alone('there')).toEqual({ n: 1, at: 'there' });
  expect(await alone('here')).toEqual({ n: 2, at: 'here' });
  expect(existsSync(join(here, '.bottle/data'))).toBe(true);
  expect(existsSync(join(here, 'ticks'))).toBe(false); // no schedule ran, no queue was read
  expect(existsSync(join(there, 'ticks'))).toBe(false);
});

it('invoke sends a form with --form, files included, to whatever reads one', async () => {
  mkdirSync(join(directory, 'forms/src'), { recursive: true });
  writeFileSync(
    join(directory, 'forms/serverless.yml'),
    `service: forms\nfunctions:\n  web: { handler: src/f.read, events: [{ http: { path: /web, method: post, stream: true } }] }\n  signed: { handler: src/f.read, events: [{ mtop: { api: forms.read, session: none } }] }\n`,
  );
  writeFileSync(
    join(directory, 'forms/src/f.js'),
    `export const read = async (ctx) => {
  const form = await ctx.request.form();
  const photo = form.get('photo');
  return [ctx.trigger, form.getAll('tag'), photo.name, photo.size, await photo.slice(0, 3).text()];
};
`,
  );
  writeFileSync(join(directory, 'me.jpg'), 'jpg'.repeat(500_000));
  const form = ['--form', 'tag=a=b', '--form', 'tag=', '--form', 'photo=@me.jpg', '--admin-port', '1'];
  for (const [name, trigger] of [
    ['web', 'http'],
    ['signed', 'gateway'],
  ] as const) {
    const run = bottle('invoke', name, 'forms', ...form);
    expect([await run.exit, JSON.parse(run.output())]).toEqual([0, [trigger, ['a=b', ''], 'me.jpg', 1_500_000, 'jpg']]);
  }
  for (const wrong of [
    ['--form', 'tag'],
    ['--form', 'photo=@nowhere.jpg'],
    ['--form', 'a=1', '--data', '1'],
  ]) {
    expect(await bottle('invoke', 'web', 'forms', ...wrong).exit).toBe(64);
  }
});

it('start serves, brings a killed function process back within 3 s, and stops cleanly', async () => {
  await bottle('init', 'served', '--js').exit;
  const [port, adminPort] = await freePorts();
  const start = bottle(
    'start',
    'served',
    '--port',
    String(port),
    '--admin-port',
    String(adminPort),
    '--',
    '--drain-propagation-ms',
    '0',
  );
  await until(async () => (await textAt(port, '/hello/a')) === '{"hello":"a"}');
  const children = readFileSync(`/proc/${start.child.pid}/task/${start.child.pid}/children`, 'utf8').trim().split(' ');
  const runtime = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('function-runtime'));
  process.kill(Number(runtime), 'SIGKILL');
  const killedAt = performance.now();
  await start.says('starting it again');
  await until(async () => (await textAt(port, '/hello/b')) === '{"hello":"b"}');
  expect(performance.now() - killedAt).toBeLessThan(3_000);
  start.child.kill('SIGTERM');
  expect(await start.exit).toBe(0);
  for (const line of start.output().trim().split('\n'))
    expect(() => JSON.parse(line) as unknown).not.toThrow('not JSON');
});

it('ends with the right code when it cannot run', async () => {
  await bottle('init', 'wrong').exit;
  const [port, adminPort] = await freePorts();
  const taken = createServer().listen(port, '127.0.0.1');
  await once(taken, 'listening');
  const noPort = bottle(
    'start',
    'wrong',
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '--admin-port',
    String(adminPort),
  );
  expect(await noPort.exit).toBe(69);
  const owner = process.platform === 'linux' ? `by \\S.*\\(process ${process.pid}\\): stop` : ': stop';
  expect(noPort.output()).toMatch(new RegExp(`the HTTP port ${port} of 127\\.0\\.0\\.1 is taken ?${owner}`));
  expect(noPort.output()).toContain(' what listens there, or choose another by http.port (--port, BOTTLE_PORT)');
  expect(noPort.output()).not.toMatch(/EADDRINUSE|\n +at |"stack"/);
  taken.close();
  writeFileSync(join(directory, 'wrong/serverless.yml'), 'service: s\nfunctons: {}\n');
  const badFile = bottle('start', 'wrong', '--port', '0', '--admin-port', '0');
  expect(await badFile.exit).toBe(78);
  expect(badFile.output()).toContain('serverless.yml:2  functons: unknown key; did you mean "functions"?');
  const noFile = bottle('invoke', 'hello', '--data', '@nowhere.json');
  expect([await noFile.exit, noFile.output()]).toEqual([
    64,
    `bottle: there is no file ${join(directory, 'nowhere.json')}\n`,
  ]);
  const noCommand = bottle('strat');
  expect([await noCommand.exit, noCommand.output()]).toEqual([
    64,
    'bottle: there is no command "strat"; did you mean "start"?\n',
  ]);
});

it('says what a command does when it is asked for help in either order', async () => {
  const [before, after] = [bottle('help', 'dev'), bottle('dev', '--help')];
  expect([await before.exit, await after.exit]).toEqual([0, 0]);
  expect(before.output()).toBe(after.output());
});

it('says what a setting or a name may be that is wrong, and what is missing', async () => {
  await bottle('init', 'named').exit;
  const noPort = bottle('dev', 'named', '--port', 'abc');
  expect(await noPort.exit).toBe(78);
  expect(noPort.output()).toContain('--port  http.port: expected a whole number from 0 to 65535, not "abc"');
  const manifest = join(directory, 'named/serverless.yml');
  writeFileSync(join(directory, 'named/src/extra.js'), "import 'not-there';\nexport const extra = () => 'x';\n");
  writeFileSync(
    manifest,
    'service: s\nfunctions:\n  extra: { handler: src/extra.extra, uses: [cache.crats, rpc.none] }\n',
  );
  writeFileSync(join(directory, 'named/sidecar.yml'), 'resources: { cache: { carts: { driver: memory } } }\n');
  const check = bottle('check', 'named');
  expect(await check.exit).toBe(78);
  expect(check.output()).toContain('run `npm install not-there`');
  writeFileSync(join(directory, 'named/sidecar.yml'), 'resources: { cache: { carts: { driver: rediss } } }\n');
  const noDriver = bottle('check', 'named');
  await noDriver.exit;
  expect(noDriver.output()).toContain(
    'resources.cache.carts.driver: expected one of "memory", "redis", not "rediss"; did you mean "redis"?',
  );
});

it('never calls code fine that ends its process, files that contain themselves, or anything that was thrown', async () => {
  const project = join(directory, 'ending');
  mkdirSync(join(project, 'src'), { recursive: true });
  const checked = async (code: string, manifest = ''): Promise<[number | null, string]> => {
    const functions = 'service: s\nfunctions: { f: { handler: src/f.f } }\n';
    writeFileSync(join(project, 'serverless.yml'), `${functions}${manifest}`);
    writeFileSync(join(project, 'src/f.js'), code);
    const check = bottle('check', 'ending');
    return [await check.exit, check.output()];
  };
  expect(await checked('process.exit(0);\n')).toEqual([70, expect.stringContaining('ended its process')]);
  expect(await checked('throw null;\n')).toEqual([70, expect.stringContaining('does not load: null')]);
  const itself = 'custom: { a: &a [*a] }\n';
  expect(await checked('export const f = () => 1;\n', itself)).toEqual([78, expect.stringContaining('an alias')]);
});

it('never calls settings fine that are not', async () => {
  await bottle('init', 'unsettled').exit;
  const check = bottle('check', 'unsettled', '--config', 'nowhere.yml');
  expect(await check.exit).toBe(78);
  expect(check.output()).toMatch(/the functions load; the settings of the sidecar are wrong, see above\n$/);
});
