import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BottleRuns, freePorts, textAt, until } from '../testing/bottle-runs.ts';

const MANIFEST = `service: invoked
functions:
  getItem: { handler: src/f.request, events: [{ http: { path: '/items/:id', method: get } }] }
  latest: { handler: src/f.request, events: [{ http: { path: /items/latest, method: get } }] }
  items: { handler: src/f.request, events: [{ http: { path: /items, method: [get, post] } }] }
  status: { handler: src/f.status, events: [{ http: { path: '/status/:code', method: get } }] }
  broken: { handler: src/f.broken, events: [{ http: { path: /broken, method: get } }] }
  bill: { handler: src/f.bill, events: [{ mq: { topic: orders } }] }
  bills: { handler: src/f.bills, events: [{ mq: { topic: orders, group: all, batch: 10 } }] }
  report: { handler: src/f.report, events: [{ timer: { name: nightly, type: cron, value: '0 0 3 1 1 *', payload: { days: 1 } } }] }
  paid: { handler: src/f.paid, events: [{ cloudevents: { type: 'order.*' } }] }
  add: { handler: src/f.add, events: [{ mtop: { api: shop.add, version: '2.0' } }] }
  signedIn: { handler: src/f.add, events: [{ mtop: { api: shop.mine, version: '1.0', session: required } }] }
  reserve: { handler: src/f.reserve, events: [{ rpc: { proto: stock.proto, service: shop.v1.Stock, method: Reserve } }] }
  watch: { handler: src/f.watch, events: [{ rpc: { proto: stock.proto, service: shop.v1.Stock, method: Watch } }] }
  load: { handler: src/f.load, events: [{ rpc: { proto: stock.proto, service: shop.v1.Stock, method: Load } }] }
  plain: { handler: src/f.plain }
  many: { handler: src/f.plain, events: [{ http: { path: /many, method: post } }, { mq: { topic: a } }, { mq: { topic: b } }] }
`;
const STOCK = `syntax = "proto3"; package shop.v1;
service Stock { rpc Reserve(Item) returns (Item); rpc Watch(Item) returns (stream Item); rpc Load(stream Item) returns (Item); }
message Item { string item_id = 1; int64 left = 2; }
`;
const FUNCTIONS = `import { appendFileSync } from 'node:fs';
const see = (...what) => appendFileSync(new URL('../seen', import.meta.url), JSON.stringify(what) + '\\n');
export const request = (ctx, event) => ({
  trigger: ctx.trigger, method: ctx.method, path: ctx.path, params: ctx.params, query: ctx.query,
  tenant: ctx.get('x-tenant'), cookie: ctx.cookies.get('c'), type: ctx.get('content-type'), event, raw: String(ctx.request.rawBody),
});
export const status = (ctx) => {
  if (ctx.params.code === '500') throw new Error('a secret');
  if (ctx.params.code === '302') return ctx.redirect('/elsewhere');
  ctx.status = Number(ctx.params.code);
  return 'the body';
};
export const broken = async function* () { yield 'a piece'; throw new Error('over'); };
export const bill = (ctx, { topic, key, value, headers }) => {
  see('bill', topic, key, value, headers.tenant);
  if (value === 'bad') throw new Error('no such order');
};
export const bills = (_ctx, messages) => {
  see('bills', Array.isArray(messages), messages.map(({ value }) => value));
  for (const message of messages) if (message.value === 'bad') message.fail(new Error('too late'));
};
export const report = (ctx, { name, manual, payload }) => [ctx.trigger, name, manual, payload];
export const paid = (ctx, { type, data }) => [ctx.trigger, type, data];
export const add = (ctx, data) => [ctx.gateway.api, ctx.gateway.version, ctx.gateway.session ?? null, data];
export const reserve = (ctx, { itemId, left }) => {
  if (itemId === '') throw new Error('nothing');
  return { itemId: itemId + ctx.rpc.get('x-suffix'), left };
};
export const watch = async function* (_ctx, { itemId }) {
  yield { itemId, left: 2 };
  if (itemId === 'bad') throw new Error('over');
  yield { itemId, left: 1 };
};
export const load = async (_ctx, items) => {
  let left = 0;
  for await (const item of items) left += Number(item.left);
  return { left };
};
export const plain = (ctx, event) => [ctx.trigger, event ?? null];
`;

let directory: string;
let project: string;
const runs = new BottleRuns(() => project);
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'bi-'));
  project = join(directory, 'invoked');
  mkdirSync(join(project, 'src'), { recursive: true });
  writeFileSync(join(project, 'serverless.yml'), MANIFEST);
  writeFileSync(join(project, 'stock.proto'), STOCK);
  writeFileSync(join(project, 'src/f.js'), FUNCTIONS);
  writeFileSync(join(project, 'order.json'), '{ "name": "lamp" }');
});
beforeEach(() => rmSync(join(project, 'seen'), { force: true }));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const seen = (): string => readFileSync(join(project, 'seen'), 'utf8').trim();
const request = { trigger: 'http', params: {}, query: {}, tenant: '', type: '', raw: '' };

/** Arguments, and what is on standard output. */
const RESULTS: [title: string, args: string[], result: unknown][] = [
  [
    'a request',
    [
      'getItem',
      '--path',
      '/items/a b?lang=de',
      '--query',
      'n=1',
      '--query',
      'n=ü',
      '--header',
      'x-tenant=t',
      '--header',
      'cookie: c=d',
    ],
    {
      ...request,
      method: 'GET',
      path: '/items/a%20b',
      params: { id: 'a b' },
      query: { lang: 'de', n: ['1', 'ü'] },
      tenant: 't',
      cookie: 'd',
    },
  ],
  [
    'a request with data',
    ['items', '--data', '@order.json'],
    {
      ...request,
      method: 'POST',
      path: '/items',
      type: 'application/json',
      event: { name: 'lamp' },
      raw: '{ "name": "lamp" }',
    },
  ],
  ['a tick', ['report'], ['timer', 'nightly', true, { days: 1 }]],
  ['a CloudEvent', ['paid', '--data', '{"id":1}'], ['cloudevent', 'order.example', { id: 1 }]],
  ['a request of the gateway', ['add', '--data', '{"n":1}'], ['shop.add', '2.0', null, { n: 1 }]],
  [
    'a gRPC call',
    ['reserve', '--data', '{"itemId":"a","left":9007199254740993}', '--header', 'x-suffix=b'],
    { itemId: 'ab', left: '9007199254740993' },
  ],
  ['a gRPC call with a stream', ['load', '--data', '[{"left":1},{"left":2}]'], { itemId: '', left: '3' }],
  ['a direct call', ['plain', '--data', '{"n":1}'], ['event', { n: 1 }]],
  ['a direct call of what has triggers', ['many', '--as', 'event', '--data', '1'], ['event', 1]],
];
const MESSAGES: [title: string, args: string[], seen: string][] = [
  ['a message', ['bill', '--data', '{"n":1}', '--header', 'tenant=t'], '["bill","orders",null,{"n":1},"t"]'],
  [
    'a message, as a list of one where the trigger has a batch,',
    ['bills', '--data', '[1,2]'],
    '["bills",true,[[1,2]]]',
  ],
  [
    'several messages',
    ['bills', '--data', '{"$event":"mq:orders","messages":[{"value":1},{"value":2}]}'],
    '["bills",true,[1,2]]',
  ],
];

describe('bottle invoke without a pod', () => {
  const alone = (args: readonly string[]) => runs.start('invoke', ...args, '--admin-port', '1');

  it.each(RESULTS)('brings %s', async (_title, args, result) => {
    const run = alone(args);
    expect([await run.exit, run.output()]).toEqual([0, run.stdout()]);
    expect(JSON.parse(run.stdout())).toEqual(result);
  });
  it.each(MESSAGES)('brings %s', async (_title, args, message) => {
    const run = alone(args);
    expect([await run.exit, run.output(), seen()]).toEqual([0, '', message]);
  });
  it.each(['getItem', 'reserve'])('prints an example for %s that it takes', async (name) => {
    const example = alone([name, '--example']);
    expect(await example.exit).toBe(0);
    writeFileSync(join(project, 'event.json'), example.stdout().replace('"itemId": ""', '"itemId": "a"'));
    const run = alone([name, '--data', '@event.json']);
    expect([await run.exit, run.output()]).toEqual([0, run.stdout()]);
  });
  it('says what is missing, and calls nothing', async () => {
    const run = alone(['getItem']);
    expect([await run.exit, run.output()]).toEqual([
      64,
      'bottle: GET /items/:id needs :id, for example: npx bottle invoke getItem --path /items/1\n',
    ]);
    expect(existsSync(join(project, 'seen'))).toBe(false);
  });
});

describe('bottle invoke with a pod', () => {
  let adminPort = 0;
  const pods = new BottleRuns(() => project);
  beforeAll(async () => {
    const [port, admin] = await freePorts();
    adminPort = admin;
    pods.start('start', '--port', String(port), '--admin-port', String(admin), '--rpc-port', '0');
    await until(async () => (await textAt(admin, '/readyz')) === '{"status":"ready"}');
  });
  afterAll(() => pods.killAll());
  const ask = (...args: string[]) => runs.start('invoke', ...args, '--admin-port', String(adminPort));

  it.each(RESULTS)('brings %s', async (_title, args, result) => {
    const run = ask(...args);
    expect([await run.exit, run.output()]).toEqual([0, run.stdout()]);
    expect(JSON.parse(run.stdout())).toEqual(result);
  });
  it.each(MESSAGES)('brings %s', async (_title, args, message) => {
    const run = ask(...args);
    expect([await run.exit, run.output(), seen()]).toEqual([0, '', message]);
  });
  it('brings a batch trigger a list, every time', async () => {
    for (let n = 1; n <= 5; n++) expect(await ask('bills', '--data', String(n)).exit).toBe(0);
    expect(seen().split('\n')).toEqual([1, 2, 3, 4, 5].map((n) => `["bills",true,[${n}]]`));
  });
  it('prints the messages of a gRPC stream, one in each line, and why it ended early', async () => {
    const run = ask('watch', '--data', '{"itemId":"a"}');
    expect([await run.exit, run.output()]).toEqual([0, '{"itemId":"a","left":"2"}\n{"itemId":"a","left":"1"}\n']);
    const bad = ask('watch', '--data', '{"itemId":"bad"}');
    expect([await bad.exit, bad.stdout()]).toEqual([1, '{"itemId":"bad","left":"2"}\n']);
    expect(bad.output()).toContain('INTERNAL (function-error): internal error\n');
  });
  it('reads the data from standard input, and sends what is no JSON as it is', () => {
    const bin = join(import.meta.dirname, '../../bin/bottle.js');
    const args = [
      'invoke',
      'items',
      '--data',
      '-',
      '--header',
      'content-type=text/plain',
      '--admin-port',
      `${adminPort}`,
    ];
    const { status, stdout } = spawnSync(process.execPath, [bin, ...args], { cwd: project, input: 'no { JSON' });
    expect(status).toBe(0);
    expect(JSON.parse(stdout.toString())).toMatchObject({ event: 'no { JSON', type: 'text/plain' });
  });

  it.each([
    'getItem',
    'items',
    'bill',
    'bills',
    'report',
    'paid',
    'add',
    'signedIn',
    'reserve',
    'watch',
    'load',
    'plain',
    'many',
  ])('prints an example for %s that it takes, and the lines to do so', async (name) => {
    const as = name === 'many' ? ['--as', 'mq:b'] : [];
    const example = ask(name, ...as, '--example');
    expect(await example.exit).toBe(0);
    expect(example.output()).toContain(`bottle: in a file, and edited: npx bottle invoke ${name} --data @event.json\n`);
    const event = JSON.parse(example.stdout()) as object;
    const edited = JSON.stringify(event).replace('"itemId":""', '"itemId":"a"');
    writeFileSync(join(project, 'event.json'), edited);
    const run = ask(name, '--data', '@event.json');
    expect([await run.exit, run.output()]).toEqual([0, run.stdout()]);
  });

  it.each([
    ['status', ['--path', '/status/404'], 'the body', 'HTTP 404\n'],
    ['status', ['--path', '/status/500'], '', 'INTERNAL (function-error): internal error\n'],
    ['broken', [], 'a piece', 'bottle: the result broke off: the log of the pod says why\n'],
    ['bill', ['--data', '"bad"'], '', 'INTERNAL (function-error): no such order\n'],
    ['bills', ['--data', '"bad"'], '', 'INTERNAL (function-error): too late\n'],
    ['reserve', [], '', 'INTERNAL (function-error): internal error\n'],
  ])('ends with 1 when %s fails: %j', async (name, args, result, complaint) => {
    const run = ask(name, ...args);
    expect([await run.exit, run.stdout(), run.output()]).toEqual([1, result, result + complaint]);
  });
  it('ends with 64 for more than the admin port takes, and says how much that is', async () => {
    writeFileSync(join(project, 'large.json'), `"${'a'.repeat(11 * 1024 * 1024)}"`);
    const data = ask('plain', '--data', '@large.json');
    expect([await data.exit, data.output()]).toEqual([64, expect.stringContaining('larger than the 10 MiB')]);
    const header = ask('items', '--header', `x-tenant=${'a'.repeat(65 * 1024)}`);
    expect([await header.exit, header.output()]).toEqual([64, expect.stringContaining('longer than the 64 KiB')]);
    const fits = ask('items', '--header', `x-tenant=${'a'.repeat(40 * 1024)}`);
    expect([await fits.exit, fits.output().length > 40 * 1024]).toEqual([0, true]);
  });
  it('ends with 0 for a redirection, and says where to', async () => {
    const run = ask('status', '--path', '/status/302');
    expect([await run.exit, run.output()]).toEqual([0, expect.stringContaining('HTTP 302, location: /elsewhere\n')]);
  });

  it.each([
    ['getItem', ['--path', '/other'], 'getItem does not answer /other; getItem answers GET /items/:id'],
    ['getItem', ['--path', '/items/latest'], '/items/latest goes to latest, not to getItem'],
    ['getItem', ['--path', '/items/1', '--method', 'DELETE'], 'getItem does not answer DELETE /items/1'],
    ['many', [], 'many has several triggers, say which: --as http, --as mq:a, --as mq:b, or --as event'],
    ['many', ['--as', 'mq'], 'many has several mq triggers, say which: --as mq:a, --as mq:b'],
    ['bill', ['--as', 'timer'], 'bill has no timer trigger: --as mq, or --as event'],
    ['bill', ['--as', 'kafka'], '--as is one of http, rpc, mq'],
    ['bill', ['--path', '/'], '--path says nothing to mq, which takes --header and --data'],
    ['report', ['--header', 'a=b'], '--header says nothing to timer, which takes --data'],
    ['bill', ['--data', '{"$event":"mq:orders","mesages":[]}'], 'this is no whole event of mq: messages'],
    ['paid', ['--data', '{"specversion":"1.0","id":"1"}'], 'type: is required'],
    ['paid', ['--data', '{"specversion":"1.0","type":"other"}'], 'the function takes no events with {"type":"other"'],
    ['reserve', ['--data', '{"itemId":5}'], 'Item.itemId: expected a string, got 5'],
    ['signedIn', ['--data', '{}'], 'shop.mine 1.0 needs a session'],
    ['nobody', [], 'there is no function "nobody": there are getItem, '],
    ['plain', ['--timeout-ms', 'soon'], '--timeout-ms takes a number of milliseconds'],
    ['plain', ['--data', '{'], '--data is not JSON'],
    ['plain', ['--example', '--data', '1'], '--example takes --as alone'],
  ])('ends with 64 and says what is no call of %s: %j', async (name, args, complaint) => {
    const run = ask(name, ...args);
    expect([await run.exit, run.stdout()]).toEqual([64, '']);
    expect(run.output()).toMatch(/^bottle: .*\n$/);
    expect(run.output()).toContain(complaint);
  });
});
