import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ConfigProblems } from '@bottle/config-file';
import { indexDescriptors } from '@bottle/protos/proto-files';
import { afterEach, describe, expect, it } from 'vitest';
import { loadManifest } from '../manifest/manifest.ts';

const STOCK = `syntax = "proto3"; package shop.v1; import "item.proto";
  service Stock { rpc Get(Item) returns (Item); rpc Watch(Item) returns (stream Item); }`;
const ITEM = 'syntax = "proto3"; package shop.v1; message Item { string id = 1; }';
const FILES = { 'protos/stock.proto': STOCK, 'protos/item.proto': ITEM };

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A project whose functions have these `rpc` triggers. */
function projectOf(triggers: Record<string, string[]>, files: Record<string, string> = FILES): string {
  const folder = mkdtempSync(join(tmpdir(), 'bottle-rpc-'));
  folders.push(folder);
  const functions = Object.entries(triggers).map(([name, lines]) =>
    [`  ${name}:`, '    handler: src/a.b', '    events:', ...lines.map((line) => `      - rpc: { ${line} }`)].join(
      '\n',
    ),
  );
  const plain = '  plain: { handler: src/a.b }';
  const manifest = `service: shop\nfunctions:\n${[...functions, plain].join('\n')}\n`;
  for (const [name, text] of Object.entries({ ...files, 'serverless.yml': manifest })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}
const GET = 'proto: protos/stock.proto, service: shop.v1.Stock, method: Get';

async function problemsOf(folder: string): Promise<string[]> {
  const error = await loadManifest(folder).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ConfigProblems)) throw error ?? new Error('no problems');
  return error.problems.map(({ line, path, message }) => `${line} ${path}: ${message}`);
}

describe('the rpc triggers of a project', () => {
  it('have the methods of their .proto files, whose imports are found beside them and in the project', async () => {
    const watch = 'proto: protos/stock.proto, service: shop.v1.Stock, method: Watch';
    const other = 'proto: other/till.proto, service: till.Till, method: Pay';
    const till = `syntax = "proto3"; package till; import "protos/item.proto";
      service Till { rpc Pay(stream shop.v1.Item) returns (shop.v1.Item); }`;
    const { rpc } = await loadManifest(
      projectOf({ get: [GET, watch], pay: [other] }, { ...FILES, 'other/till.proto': till }),
    );
    const kinds = [...rpc.methods].map(([name, { requestStream, responseStream }]) => [
      name,
      requestStream,
      responseStream,
    ]);
    expect(kinds).toEqual([
      ['shop.v1.Stock/Get', false, false],
      ['shop.v1.Stock/Watch', false, true],
      ['till.Till/Pay', true, false],
    ]);
    const index = indexDescriptors([rpc.descriptors]);
    expect(index.byName('protos/item.proto')?.length).toBe(1);
    expect(index.bySymbol('till.Till.Pay')?.length).toBe(2);
  });
  it('are none for a project without', async () => {
    const { rpc } = await loadManifest(projectOf({}));
    expect([rpc.methods.size, rpc.descriptors.length]).toEqual([0, 0]);
  });
  it('say with their lines which file, service or method there is not, all at once', async () => {
    const folder = projectOf({
      a: ['proto: protos/gone.proto, service: shop.v1.Stock, method: Get'],
      b: ['proto: protos/stock.proto, service: shop.v1.Stok, method: Get'],
      c: ['proto: protos/stock.proto, service: shop.v1.Stock, method: Got'],
    });
    expect(await problemsOf(folder)).toEqual([
      '6 functions.a.events.0.rpc.proto: protos/gone.proto: there is no such file',
      '10 functions.b.events.0.rpc.service: protos/stock.proto has no service "shop.v1.Stok"; it has shop.v1.Stock',
      '14 functions.c.events.0.rpc.method: shop.v1.Stock has no method "Got"; it has Get, Watch',
    ]);
  });
  it('say what is wrong inside a file, and of no other', async () => {
    const bad = 'proto: protos/bad.proto, service: bad.Bad, method: Get';
    const syntax = projectOf(
      { a: [bad], b: [GET] },
      { ...FILES, 'protos/bad.proto': 'syntax = "proto3";\nservice Bad {\n  rpc Get Item;\n}\n' },
    );
    expect(await problemsOf(syntax)).toEqual([
      expect.stringMatching(/^6 functions\.a\.events\.0\.rpc\.proto: protos\/bad\.proto: illegal token.*line 3/),
    ]);
    const missing = projectOf({ a: [GET] }, { 'protos/stock.proto': STOCK });
    expect(await problemsOf(missing)).toEqual([expect.stringContaining('there is no item.proto to import')]);
    const unknown = projectOf({ a: [GET] }, { ...FILES, 'protos/item.proto': 'syntax = "proto3"; package shop.v1;' });
    expect(await problemsOf(unknown)).toEqual([expect.stringContaining('no such type: Item')]);
  });
  it('may not be two for one method', async () => {
    expect(await problemsOf(projectOf({ a: [GET], b: [GET] }))).toEqual([
      '10 functions.b.events.0.rpc.method: shop.v1.Stock/Get is answered by a already',
    ]);
  });
  it('may be idempotent only without streams', async () => {
    const rule = 'idempotency: { key: header.key }';
    const watch = `proto: protos/stock.proto, service: shop.v1.Stock, method: Watch, ${rule}`;
    expect(await problemsOf(projectOf({ a: [`${GET}, ${rule}`], b: [watch] }))).toEqual([
      '10 functions.b.events.0.rpc.idempotency: only methods without streams can be idempotent',
    ]);
  });
});
