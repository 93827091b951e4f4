import { existsSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { BuildHarness, filesBelow, type Served } from './build-harness.ts';
import { findPackage } from './package-folders.ts';

let harness: BuildHarness;
const served: Served[] = [];
beforeAll(() => {
  harness = new BuildHarness();
});
afterEach(async () => {
  for (const { child, exit } of served.splice(0)) {
    child.kill('SIGTERM');
    await exit;
  }
});
afterAll(() => harness.close());

/** A manifest with a GET route for each handler, named after it. */
function manifest(handlers: Readonly<Record<string, string>>, rest = ''): string {
  const functions = Object.entries(handlers).map(
    ([name, handler]) => `  ${name}: { handler: ${handler}, uses: [], events: [{ http: { path: /${name} } }] }\n`,
  );
  return `service: code\nfunctions:\n${functions.join('')}${rest}`;
}

/** Builds a project, moves the output where nothing of the project is, serves it, and asks each function. */
async function answers(project: string, names: readonly string[]): Promise<Record<string, unknown>> {
  await harness.build(project);
  const out = `${project}-output`;
  renameSync(join(project, '.bottle/build'), out);
  renameSync(project, `${project}-gone`);
  const pod = await harness.start(out);
  served.push(pod);
  const asked = names.map(async (name) => {
    const response = await fetch(`${pod.url}/${name}`);
    return [name, response.ok ? await response.json() : await response.text()] as const;
  });
  return Object.fromEntries(await Promise.all(asked));
}

const LEGACY = `const seen: string[] = [];
function Named(name: string) {
  return (target: object, key: string, descriptor: PropertyDescriptor): void => {
    seen.push(\`\${name}:\${key}:\${typeof descriptor.value}:\${'kind' in descriptor}\`);
  };
}
enum Colour { Red = 'red' }
class Lamp {
  constructor(private readonly colour: Colour) {}
  @Named('lamp') describe() { return this.colour; }
}
export const legacy = () => ({ seen, colour: new Lamp(Colour.Red).describe() });
`;
const STANDARD = `function twice(method: (this: Lamp) => number, context: ClassMethodDecoratorContext) {
  return function (this: Lamp): number { return method.call(this) * 2 + (context.kind === 'method' ? 0 : 100); };
}
function loud(target: ClassAccessorDecoratorTarget<Lamp, string>): ClassAccessorDecoratorResult<Lamp, string> {
  return { get() { return target.get.call(this).toUpperCase(); } };
}
class Lamp {
  @loud accessor name = 'brass';
  @twice watts() { return 21; }
}
export const standard = () => ({ watts: new Lamp().watts(), name: new Lamp().name });
`;

it('understands legacy and standard decorators, each by its tsconfig.json, and says that there is no metadata', async () => {
  const project = harness.project('decorated', {
    'package.json': '{"type":"module"}',
    'tsconfig.base.json':
      '{ "compilerOptions": { "experimentalDecorators": true, /* for DI */ "emitDecoratorMetadata": true } }',
    'tsconfig.json': '{ "extends": "./tsconfig.base.json" } // legacy',
    'src/legacy.ts': LEGACY,
    'src/standard/tsconfig.json': '{ "compilerOptions": { "target": "es2024" } }',
    'src/standard/lamp.ts': STANDARD,
    'serverless.yml': manifest({ legacy: 'src/legacy.legacy', standard: 'src/standard/lamp.standard' }),
  });
  const run = await harness.build(project);
  expect(run.output()).toContain('warning: tsconfig.json: emitDecoratorMetadata has no effect');
  expect(await answers(project, ['legacy', 'standard'])).toEqual({
    legacy: { seen: ['lamp:describe:function:false'], colour: 'red' },
    standard: { watts: 42, name: 'BRASS' },
  });
});

it('joins CommonJS, its dependencies and the files they read', async () => {
  const project = harness.project('commonjs', {
    'package.json': '{"name":"commonjs"}',
    'index.js': `#!/usr/bin/env node
// a comment
'use strict';
const { join } = require('path');
const { readFileSync } = require('node:fs');
const { Code, BottleError } = require('bottle-sdk');
const reader = require('reader');
require('./assigned');
exports.callback = (ctx, event, done) => done(null, { strict: (function () { return this === undefined; })(), code: Code.NOT_FOUND });
exports.files = async () => ({ own: readFileSync(join(__dirname, 'data', 'own.txt'), 'utf8'), theirs: reader(), name: __filename.slice(-8) });
exports.fails = () => { throw new BottleError(Code.NOT_FOUND, 'no-lamp', 'no such lamp'); };
`,
    'assigned.js': 'module.exports = () => ({ assigned: typeof require("os").cpus });\n',
    'data/own.txt': 'mine',
    'node_modules/reader/package.json': '{"name":"reader","main":"lib/reader.js"}',
    'node_modules/reader/lib/reader.js':
      "const fs = require('fs');\nlet optional;\ntry { optional = require('not-installed'); } catch { optional = 'none'; }\nmodule.exports = () => fs.readFileSync(__dirname + '/../words.txt', 'utf8') + optional;\n",
    'node_modules/reader/words.txt': 'theirs ',
    'serverless.yml': manifest(
      { callback: 'index.callback', files: 'index.files', assigned: 'assigned.default', fails: 'index.fails' },
      'package: { include: [data, node_modules/reader/words.txt] }\n',
    ),
  });
  const unbuilt = harness.bottle('check', project);
  expect([await unbuilt.exit, unbuilt.output()]).toEqual([0, expect.stringContaining('ok')]);
  const all = await answers(project, ['callback', 'files', 'assigned', 'fails']);
  expect(all).toMatchObject({
    callback: { strict: true, code: 'NOT_FOUND' },
    files: { own: 'mine', theirs: 'theirs none', name: 'index.js' },
    assigned: { assigned: 'function' },
    fails: expect.stringContaining('"reason":"no-lamp"'),
  });
});

it('joins ES modules: shared state once, later imports, JSON, top-level await, layers of packages', async () => {
  const project = harness.project('modules', {
    'package.json': '{"type":"module"}',
    'tsconfig.json': '{ "compilerOptions": { "paths": { "#lib/*": ["./src/lib/*"] } } }',
    'src/lib/counter.ts': 'let count = 0;\nexport const next = (): number => ++count;\n',
    'src/lib/prices.json': '{"lamp":8900}',
    'src/lib/later.ts': "export const later = 'loaded later';\n",
    'src/one.ts': `import { next } from './lib/counter.js';
import prices from './lib/prices.json' with { type: 'json' };
const { later } = await import('./lib/later.ts');
next();
export const one = () => ({ prices, later });
export default () => ({ lazily: import('./lib/later').then((module) => Object.keys(module)) && 'yes' });
`,
    'src/two.mts': `import { createRequire } from 'node:module';
import { next } from '#lib/counter.ts';
const require = createRequire(import.meta.url);
export const two = (ctx: { greeting: string }) => ({ count: next(), greeting: ctx.greeting, version: require('../data/version.json').version, dir: import.meta.dirname.split('/').at(-1) });
`,
    'src/query.ts': `import { bottle, BottleError } from 'bottle-sdk';
import { BottleDialect } from 'bottle-sdk/kysely';
import { Kysely } from 'kysely';
export const query = () => {
  const sql = new Kysely<{ items: { id: number } }>({ dialect: new BottleDialect(bottle.db('shop'), 'mysql') });
  return { sql: sql.selectFrom('items').select('id').compile().sql, same: BottleError.name };
};
`,
    'data/version.json': '{"version":7}',
    'node_modules/greeter/package.json': '{"name":"greeter","version":"1.2.3","main":"index.cjs"}',
    'node_modules/greeter/index.cjs':
      'module.exports = (engine) => engine.addContextExtension(() => ({ greeting: "hello" }));\n',
    'serverless.yml': manifest(
      { one: 'src/one.one', lazy: 'src/one.default', two: 'src/two.two', query: 'src/query.query' },
      'layers: { greeter: { path: "npm:greeter@1.2.3" } }\npackage: { include: ["data/**"] }\n',
    ),
  });
  const kysely = findPackage('kysely', import.meta.dirname) ?? '';
  symlinkSync(kysely, join(project, 'node_modules/kysely'));
  expect(await answers(project, ['one', 'lazy', 'two', 'query'])).toEqual({
    one: { prices: { lamp: 8900 }, later: 'loaded later' },
    lazy: { lazily: 'yes' },
    two: { count: 2, greeting: 'hello', version: 7, dir: 'src' },
    query: { sql: 'select `id` from `items`', same: 'BottleError' },
  });
  expect(existsSync(`${project}-output/node_modules`)).toBe(false);
});

it('copies packages with compiled code, and those it is told to, with all that they need', async () => {
  const project = harness.project('native', {
    'package.json': '{"type":"module"}',
    'src/hash.ts':
      "import { hash } from 'fast-hash';\nimport { napi } from 'napi-thing';\nimport { plain } from 'plain';\nexport const all = () => [hash(), napi, plain()];\n",
    'node_modules/fast-hash/package.json': '{"name":"fast-hash","main":"index.js","dependencies":{"helper":"2"}}',
    'node_modules/fast-hash/binding.gyp': '{}',
    'node_modules/fast-hash/index.js':
      "exports.hash = () => 'hash ' + require('helper') + module.paths.length.constructor.name;\n",
    'node_modules/helper/package.json': '{"name":"helper","main":"index.js"}',
    'node_modules/helper/index.js': "module.exports = 'helper 2 ';\n",
    'node_modules/napi-thing/package.json': '{"name":"napi-thing","main":"index.js"}',
    'node_modules/napi-thing/index.js':
      "let native; try { native = require('./napi.linux.node'); } catch { native = 'no addon here'; }\nexports.napi = native;\n",
    'node_modules/napi-thing/napi.linux.node': 'no real one',
    'node_modules/plain/package.json': '{"name":"plain","main":"index.js","dependencies":{"helper":"1"}}',
    'node_modules/plain/index.js': "exports.plain = () => 'plain ' + require('helper');\n",
    'node_modules/plain/node_modules/helper/package.json': '{"name":"helper","main":"index.js"}',
    'node_modules/plain/node_modules/helper/index.js': "module.exports = 'helper 1';\n",
    'serverless.yml': manifest({ all: 'src/hash.all' }, 'custom: { build: { external: [plain] } }\n'),
  });
  const run = await harness.build(project);
  expect(run.output()).toContain('warning: fast-hash has compiled code, so it was not bundled but copied');
  expect(run.output()).toContain('warning: napi-thing has compiled code');
  expect(run.output()).not.toContain('warning: plain');
  expect(
    [...filesBelow(join(project, '.bottle/build/node_modules')).keys()].filter((path) => path.endsWith('.js')),
  ).toEqual([
    'fast-hash/index.js',
    'helper/index.js',
    'napi-thing/index.js',
    'plain/index.js',
    'plain/node_modules/helper/index.js',
  ]);
  expect(await answers(project, ['all'])).toEqual({ all: ['hash helper 2 Number', 'no addon here', 'plain helper 1'] });

  const own = harness.project('own-addon', {
    'package.json': '{"type":"commonjs"}',
    'src/hash.js': "exports.all = () => require('../native/hash.node');\n",
    'native/hash.node': 'no real one',
    'serverless.yml': manifest({ all: 'src/hash.all' }),
  });
  const refused = harness.bottle('build', own);
  expect(await refused.exit).toBe(70);
  expect(refused.output()).toContain('native/hash.node is compiled code, which cannot be bundled');
  expect(refused.output()).toContain('src/hash.js:1:');
});

it('copies what package.include names, and the .proto files of rpc triggers with their imports', async () => {
  const rpc = 'events: [{ rpc: { proto: protos/stock.proto, service: shop.Stock, method: Get } }]';
  const project = harness.project('files', {
    'package.json': '{"type":"module"}',
    'src/get.js': 'export const get = () => ({});\n',
    'protos/stock.proto':
      'syntax = "proto3";\npackage shop;\nimport "common/item.proto";\nimport "google/protobuf/empty.proto";\n// import "gone.proto";\nservice Stock { rpc Get (google.protobuf.Empty) returns (Item); }\n',
    'protos/common/item.proto': 'syntax = "proto3";\npackage shop;\nmessage Item { string id = 1; }\n',
    'protos/unused.proto': 'syntax = "proto3";\n',
    'views/a.html': 'a',
    'views/deep/b.html': 'b',
    'views/deep/b.draft.html': 'draft',
    'views/.env': 'SECRET=1',
    'sidecar.yml': 'admin: {}\n',
    'serverless.yml': `service: files\nfunctions:\n  get: { handler: src/get.get, ${rpc} }\npackage:\n  include: [./views, "*.yml"]\n  exclude: ["**/*.draft.html"]\n`,
  });
  await harness.build(project);
  const out = join(project, '.bottle/build');
  expect([...filesBelow(out).keys()].filter((path) => !path.startsWith('bundle/'))).toEqual([
    '.bottle-build.json',
    'protos/common/item.proto',
    'protos/stock.proto',
    'serverless.yml',
    'views/a.html',
    'views/deep/b.html',
  ]);
  const check = harness.bottle('check', out);
  expect([await check.exit, check.output()]).toEqual([0, expect.stringContaining('bundle/src-get.get')]);

  rmSync(join(project, 'views'), { recursive: true });
  const gone = harness.bottle('build', project);
  expect([await gone.exit, gone.output()]).toEqual([78, expect.stringContaining('"./views" matches no file')]);
  writeFileSync(
    join(project, 'serverless.yml'),
    manifest({ get: 'src/get.get' }, 'package: { include: [../secret] }\n'),
  );
  const outside = harness.bottle('build', project);
  expect([await outside.exit, outside.output()]).toEqual([78, expect.stringContaining('inside the project')]);
});
