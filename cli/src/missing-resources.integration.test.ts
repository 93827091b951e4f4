import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BottleRuns, freePorts, textAt, until } from './testing/bottle-runs.ts';

const SDK = dirname(fileURLToPath(import.meta.resolve('bottle-sdk/package.json')));

let directory: string;
const runs = new BottleRuns(() => directory);
const { write } = runs;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bm-'));
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(SDK, join(directory, 'node_modules/bottle-sdk'));
  write(
    'serverless.yml',
    `service: shop
functions:
  sell:
    handler: src/sell.sell
    uses: [cache.carts, db.shop]
    events:
      - http: { path: /sell, method: get }
      - mq: { resource: mq.orders, topic: orders }
`,
  );
  write(
    'src/sell.js',
    `import { bottle } from 'bottle-sdk';
export const sell = async () => {
  const rows = await bottle.db('shop').sql\`select 7 as n\`;
  return { lamps: await bottle.cache('carts').increment('lamps'), rows };
};
`,
  );
  write('sidecar.yml', '# of the operator\nresources:\n  cache:\n    crats: { driver: redis, url: "${REDIS_URL}" }\n');
});
afterEach(async () => {
  await runs.killAll();
  rmSync(directory, { recursive: true, force: true });
});

const MISSING = [
  /serverless\.yml:5 {2}functions\.sell\.uses\.0: sell uses cache\.carts, which \S*sidecar\.yml:3 \(resources\.cache\) does not have; there is cache\.crats; did you mean "cache\.crats"\?/,
  /serverless\.yml:5 {2}functions\.sell\.uses\.1: sell uses db\.shop, which \S*sidecar\.yml:2 \(resources\.db\) does not have; there is no db resource: add `resources: \{ db: \{ shop: \{ driver: … \} \} \}`/,
  /serverless\.yml:8 {2}functions\.sell\.events\.1\.mq\.resource: sell uses mq\.orders, which \S*sidecar\.yml:2 \(resources\.mq\) does not have/,
];

it.each([
  ['check', []],
  ['start', ['--port', '0', '--admin-port', '0']],
  ['build', []],
  ['render', []],
] as const)('%s refuses resources that sidecar.yml does not have, and names both places', async (command, flags) => {
  const readsSecrets = command === 'check' || command === 'start';
  if (readsSecrets) write('.env', 'REDIS_URL=redis://localhost:1\n'); // the others need no secrets
  const run = runs.start(command, '.', ...flags);
  expect(await run.exit).toBe(78);
  for (const words of MISSING) expect(run.output()).toMatch(words);
  expect(run.output()).toContain('3 problems in the configuration');
  expect(run.output()).not.toMatch(/\bok\n|sidecar listens|kind: Deployment/);
  expect(existsSync(join(directory, '.bottle'))).toBe(false);
});

it.each(['check', 'build', 'render'])(
  '%s takes a project whose sidecar.yml has what it uses, or nothing',
  async (command) => {
    const full =
      'resources:\n  cache: { carts: { driver: memory } }\n  db: { shop: { driver: sqlite } }\n  mq: { orders: { driver: embedded } }\n';
    write('other.yml', full);
    const given = runs.start(command, '.', '--config', 'other.yml');
    expect([await given.exit, given.output()]).toEqual([0, expect.not.stringContaining('does not have')]);
    rmSync(join(directory, 'sidecar.yml'));
    const without = runs.start(command, '.');
    expect([await without.exit, without.output()]).toEqual([0, expect.not.stringContaining('does not have')]);
  },
);

it('what no embedded driver can stand in for is a warning while nothing at all is configured', async () => {
  write(
    'serverless.yml',
    'service: shop\nfunctions:\n  sell: { handler: src/sell.sell, uses: [http.rates, cache.any] }\n',
  );
  write('sidecar.yml', 'drain: { propagationMs: 0 }\n');
  const tried = runs.start('check', '.');
  expect(await tried.exit).toBe(0);
  expect(tried.output()).toContain(
    'warning: sell uses http.rates, which sidecar.yml does not have; there is no http resource',
  );
  write('sidecar.yml', 'resources: { cache: { any: { driver: memory } } }\n');
  const configured = runs.start('check', '.', '--json');
  expect(await configured.exit).toBe(78);
  expect(configured.output()).toContain('"path":"functions.sell.uses.0"');
});

it('dev serves what is missing embedded, and says by which driver and where its data is', async () => {
  write('sidecar.yml', 'resources:\n  cache:\n    crats: { driver: memory }\n');
  const [port, adminPort] = await freePorts();
  const dev = runs.start('dev', '.', '--port', String(port), '--admin-port', String(adminPort));
  await dev.says('shop is ready on');
  expect(await textAt(port, '/sell')).toBe('{"lamps":1,"rows":[{"n":7}]}');
  const said = (id: string): string[] => dev.output().match(new RegExp(`${id} is not in sidecar\\.yml: .*`, 'g')) ?? [];
  expect(said('cache.carts')).toEqual([
    expect.stringMatching(
      /the embedded driver "memory" stands in, and keeps its data in memory; outside of `bottle dev`/,
    ),
  ]);
  expect(said('db.shop')).toEqual([
    expect.stringContaining(
      `the embedded driver "sqlite" stands in, and keeps its data in ${join(directory, '.bottle/data/shop.sqlite')};`,
    ),
  ]);
  expect(said('mq.orders')).toHaveLength(1);
  expect(existsSync(join(directory, '.bottle/data/shop.sqlite'))).toBe(true);
  write(
    'sidecar.yml',
    'resources: { cache: { carts: { driver: memory } }, db: { shop: { driver: sqlite } }, mq: { orders: { driver: embedded } } }\n',
  );
  const places = ['cache.carts', 'db.shop', 'mq.orders'];
  await dev.says('sidecar.yml changed: starting the sidecar again');
  await until(async () => (await textAt(port, '/sell')) === '{"lamps":1,"rows":[{"n":7}]}'); // a new memory
  for (const id of places) expect(said(id)).toHaveLength(1);
});
