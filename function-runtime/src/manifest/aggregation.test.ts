import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigProblems } from '@bottle/config-file';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadManifest, selectFunctions } from './manifest.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'aggregation-'));
  mkdirSync(join(directory, 'src'));
  writeFileSync(join(directory, 'src/all.ts'), 'export const answer = () => ({ ok: true });\n');
  const stock = 'service Stock { rpc Reserve(Item) returns (Item); } message Item { string id = 1; }';
  writeFileSync(join(directory, 'a.proto'), `syntax = "proto3"; package shop.v1; ${stock}\n`);
});
afterAll(() => rmSync(directory, { recursive: true }));

const FUNCTIONS = `service: shop
functions:
  listItems: { handler: src/all.answer, events: [{ http: { path: /items } }] }
  showItem: { handler: src/all.answer, events: [{ apigw: { path: "/items/:id" } }] }
  addToCart: { handler: src/all.answer, events: [{ http: { path: /cart, method: post } }] }
  reserve: { handler: src/all.answer, events: [{ rpc: { proto: a.proto, service: shop.v1.Stock, method: Reserve } }] }
  priceOf: { handler: src/all.answer }
  onOrder: { handler: src/all.answer, events: [{ mq: { topic: orders } }] }
  sweep: { handler: src/all.answer, events: [{ timer: { type: every, value: 1m } }] }
  onEvent: { handler: src/all.answer, events: [{ cloudevents: { resource: mq.orders, topic: t } }] }
  both: { handler: src/all.answer, events: [{ http: { path: /both } }, { timer: { type: every, value: 1m } }] }
`;

async function groupsOf(aggregation: string, functions = FUNCTIONS) {
  writeFileSync(join(directory, 'serverless.yml'), functions + aggregation);
  const { groups, warnings } = await loadManifest(directory);
  const names = groups.map(
    ({ name, kind, source, functions: members }) => `${name} ${kind} ${source}: ${members.join(' ')}`,
  );
  return { names, warnings };
}
async function problemsOf(aggregation: string): Promise<string[]> {
  const error: unknown = await groupsOf(aggregation).then(String, (thrown: unknown) => thrown);
  if (!(error instanceof ConfigProblems)) throw error;
  return error.problems.map(
    ({ line, path, message }) => `${(line ?? 0) - FUNCTIONS.split('\n').length + 1} ${path}: ${message}`,
  );
}

describe('functions in no group', () => {
  it('make one group that answers requests and one that consumes events', async () => {
    expect((await groupsOf('')).names).toEqual([
      'default http rest: listItems showItem addToCart reserve priceOf both',
      'events event rest: onOrder sweep onEvent',
    ]);
  });
  it('make no group of a kind that there is not', async () => {
    const { names } = await groupsOf('', 'service: s\nfunctions: { a: { handler: src/all.answer } }\n');
    expect(names).toEqual(['default http rest: a']);
  });
});

describe('a group', () => {
  it('has the functions it names, in the order of the file, and leaves the others to the rest', async () => {
    const { names } = await groupsOf('aggregation: { shop: { functions: [addToCart, listItems] } }');
    expect(names[0]).toBe('shop http aggregation: listItems addToCart');
    expect(names[1]).toBe('default http rest: showItem reserve priceOf both');
  });
  it('takes by patterns what no group names, whichever stands first', async () => {
    const { names } = await groupsOf(`aggregation:
  items: { functionsPattern: ["*Item*", "!listNothing"] }
  cart: { functions: [addToCart, showItem] }
  queue: { functionsPattern: ["on*", "{sweep,wipe}"] }`);
    expect(names.slice(0, 3)).toEqual([
      'items http aggregation: listItems',
      'cart http aggregation: showItem addToCart',
      'queue event aggregation: onOrder sweep onEvent',
    ]);
  });
  it('may take everything but what it excludes', async () => {
    const { names } = await groupsOf('aggregation: { all: { functionsPattern: ["!on*", "!sweep", "!both"] } }');
    expect(names[0]).toBe('all http aggregation: listItems showItem addToCart reserve priceOf');
  });
  it('ignores its patterns when it names functions, and says so', async () => {
    const { names, warnings } = await groupsOf(
      'aggregation: { shop: { functions: [listItems], functionsPattern: ["*"] } }',
    );
    expect(names[0]).toBe('shop http aggregation: listItems');
    expect(warnings).toEqual(['aggregation.shop.functionsPattern: has no effect beside functions']);
  });
  it('with deployOrigin is deployed besides its functions, not instead of them', async () => {
    const { names } = await groupsOf('aggregation: { queue: { deployOrigin: true, functions: [onOrder, sweep] } }');
    expect(names.filter((name) => name.includes('origin'))).toEqual([
      'onOrder event origin: onOrder',
      'sweep event origin: sweep',
    ]);
  });
});

describe('aggregation is refused, with the line, when', () => {
  it('HTTP and event functions are mixed, by name or by pattern', async () => {
    expect(
      await problemsOf(`aggregation:
  a:
    functions:
      - listItems
      - priceOf
      - onOrder
  b: { functionsPattern: [sweep, reserve] }`),
    ).toEqual([
      '6 aggregation.a.functions.2: onOrder consumes events and listItems answers requests: the group a cannot have both',
      '7 aggregation.b.functionsPattern: sweep consumes events and reserve answers requests: the group b cannot have both',
    ]);
  });
  it('one function of a group has both kinds of triggers', async () => {
    expect(await problemsOf('aggregation: { a: { functions: [both] } }')).toEqual([
      '1 aggregation.a.functions.0: both has HTTP and event triggers, which never share a pod: make two functions of one handler',
    ]);
  });
  it('a function is in two groups, or twice in one', async () => {
    expect(
      await problemsOf(`aggregation:
  a: { functions: [listItems, listItems] }
  b: { functions: [listItems, showItem] }
  c: { functionsPattern: [add*] }
  d: { functionsPattern: ["*Cart"] }`),
    ).toEqual([
      '2 aggregation.a.functions.1: listItems is in the group a already',
      '3 aggregation.b.functions.0: listItems is in the group a already',
      '5 aggregation.d.functionsPattern: addToCart is matched by the group c, too: name it in the `functions` of one',
    ]);
  });
  it('a function is not there', async () => {
    expect(await problemsOf('aggregation: { a: { functions: [listItem] } }')).toEqual([
      '1 aggregation.a.functions.0: there is no function "listItem"; did you mean "listItems"?',
    ]);
  });
  it('a group is empty', async () => {
    const message = 'the group has no functions: expected `functions`, or a `functionsPattern` that fits';
    expect(await problemsOf('aggregation:\n  a: {}')).toEqual([`2 aggregation.a: ${message}`]);
    expect(await problemsOf('aggregation:\n  a: { functionsPattern: [nothing*] }')).toEqual([
      `2 aggregation.a: ${message}`,
    ]);
  });
  it('a group has the name of the rest', async () => {
    expect(await problemsOf('aggregation: { events: { functions: [sweep] } }')).toEqual([
      '1 aggregation.events: onOrder, onEvent would make a group of this name, being in none: add them to one, or rename this one',
    ]);
  });
});

describe('a function container', () => {
  const run = (args: string[], env: Record<string, string> = {}) => {
    const main = join(import.meta.dirname, '../main.ts');
    const nodeArgs = ['--conditions=source', main, directory, '--log-level', 'silent', ...args];
    return spawnSync(process.execPath, nodeArgs, { encoding: 'utf8', env: { ...process.env, ...env } });
  };
  const names = (text: string) =>
    (JSON.parse(text) as { functions: { name: string }[] }).functions.map(({ name }) => name);

  beforeAll(() => {
    writeFileSync(join(directory, 'serverless.yml'), FUNCTIONS.replace(/^ {2}reserve.*\n/m, ''));
  });
  it('loads only the functions it is told to serve, by flag before environment', () => {
    expect(names(run(['--check', '--functions', 'priceOf, listItems']).stdout)).toEqual(['listItems', 'priceOf']);
    expect(names(run(['--check'], { BOTTLE_FUNCTIONS: 'sweep' }).stdout)).toEqual(['sweep']);
    expect(names(run(['--check', '--functions', 'priceOf'], { BOTTLE_FUNCTIONS: 'sweep' }).stdout)).toEqual([
      'priceOf',
    ]);
  });
  it('refuses a name that is no function, with 78', () => {
    const { status, stderr } = run([], { BOTTLE_FUNCTIONS: 'priceOf,sweeps' });
    expect([status, stderr]).toEqual([
      78,
      '1 problem in the configuration\n  BOTTLE_FUNCTIONS  there is no function "sweeps"; did you mean "sweep"?\n',
    ]);
  });
  it('says what its serverless.yml means without loading anything', () => {
    const { status, stdout } = run(['--manifest']);
    expect(status).toBe(0);
    expect(names(stdout)).toHaveLength(8);
    expect(JSON.parse(stdout)).toMatchObject({ service: 'shop', groups: [{ name: 'default' }, { name: 'events' }] });
  });
  it('leaves the manifest whole without a list', async () => {
    const manifest = await loadManifest(directory);
    expect(selectFunctions(manifest, '', 'BOTTLE_FUNCTIONS')).toBe(manifest);
  });
});
