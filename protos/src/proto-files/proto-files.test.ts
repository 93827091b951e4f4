import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { loadSync, type MethodDefinition } from '@grpc/proto-loader';
import descriptor from 'protobufjs/ext/descriptor.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOADER_OPTIONS } from '../load.ts';
import {
  describeRoot,
  findMethod,
  findService,
  indexDescriptors,
  loadDescriptors,
  loadProtoFiles,
  servicesOf,
} from './index.ts';

const SHOP = `syntax = "proto3"; package shop.v1;
  import "google/protobuf/timestamp.proto"; import "common/money.proto"; import "options.proto";
  service Stock {
    rpc Reserve(Item) returns (Item) { option (rule).path = "/x"; option idempotency_level = IDEMPOTENT; }
    rpc Watch(Item) returns (stream Item);
  }
  message Item {
    reserved 20, 30 to 31; reserved "old";
    string item_id = 1; int64 count = 2; bytes data = 3; repeated string tags = 4; map<string, common.Money> prices_by_shop = 5;
    optional int32 note = 6; oneof place { string shelf = 7; Item inside = 8; } google.protobuf.Timestamp at = 9;
    Colour colour = 10; repeated int32 sizes = 11 [packed = false]; string gone = 12 [deprecated = true]; double weight = 13;
    uint32 places = 14; bool sold = 15;
    enum Colour { NONE = 0; RED = 1; }
  }`;
const MONEY = 'syntax = "proto3"; package common; message Money { string currency = 1; int64 units = 2; }';
const OPTIONS = `syntax = "proto2"; import "google/protobuf/descriptor.proto";
  message Rule { optional string path = 1 [default = "/"]; required int32 n = 2; }
  extend google.protobuf.MethodOptions { optional Rule rule = 50001; }`;

let folder: string;
const load = () => loadProtoFiles([join(folder, 'shop.proto')], [folder]);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bottle-protos-'));
  for (const [name, text] of Object.entries({
    'shop.proto': SHOP,
    'common/money.proto': MONEY,
    'options.proto': OPTIONS,
  })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

function methodOf(name: string) {
  const service = findService(load(), 'shop.v1.Stock');
  const method = service && findMethod(service, name);
  if (!method) throw new Error(`no method ${name}`);
  return method;
}

describe('a method of a .proto file', () => {
  it('is found by its full name alone', () => {
    const root = load();
    expect(servicesOf(root)).toEqual(['shop.v1.Stock']);
    expect(findService(root, 'Stock')).toBeUndefined();
    expect(findService(root, 'shop.v1.Item')).toBeUndefined();
    const service = findService(root, 'shop.v1.Stock');
    expect(service && findMethod(service, 'reserve')).toBeUndefined();
    expect(service && findMethod(service, 'constructor')).toBeUndefined();
    expect(methodOf('Watch')).toMatchObject({ requestStream: false, responseStream: true });
  });
  it('has messages that look as the platform’s loader makes them', () => {
    const definition = loadSync(join(folder, 'shop.proto'), { ...LOADER_OPTIONS, includeDirs: [folder] });
    const theirs = (definition['shop.v1.Stock'] as unknown as Record<string, MethodDefinition<object, object>>)[
      'Reserve'
    ];
    const { request } = methodOf('Reserve');
    const whole = {
      itemId: 'ü',
      count: '-5',
      data: Buffer.from([1]),
      tags: ['a'],
      pricesByShop: { a: { currency: 'EUR', units: '9007199254740993' } },
      note: 0,
      inside: { itemId: 'x' },
      at: { seconds: '1', nanos: 2 },
      colour: 'RED',
      sizes: [1, 2],
      weight: Number.POSITIVE_INFINITY,
    };
    for (const message of [{}, whole, { shelf: '' }, { count: 7 }]) {
      const bytes = Buffer.from(request.encode(message));
      // Its older library adds a discriminator for each `optional` field, too.
      const { _note, ...expected } = (theirs?.requestDeserialize(bytes) ?? {}) as { _note?: string };
      expect(request.decode(bytes)).toEqual(expected);
      expect(request.decode(theirs?.requestSerialize(message) ?? bytes)).toEqual(request.decode(bytes));
    }
  });
  it.each([
    [undefined, 'Item: expected a Item, got a undefined'],
    [null, 'Item: expected a Item, got null'],
    ['text', 'Item: expected a Item, got "text"'],
    [[], 'Item: expected a Item, got an array'],
    [new Date(0), 'Item: expected a Item, got a Date'],
    [{ id: 1 }, 'Item: none of its fields is there'],
    [{ itemId: 5 }, 'Item.itemId: expected a string, got 5'],
    [{ count: 'many' }, 'Item.count: expected a whole number'],
    [{ count: 1.5 }, 'Item.count: expected a whole number'],
    [{ note: 2 ** 31 }, 'Item.note: expected a whole number of 32 bits, got 2147483648'],
    [{ places: -1 }, 'Item.places: expected a whole number of 32 bits from 0, got -1'],
    [{ sold: 'yes' }, 'Item.sold: expected true or false, got "yes"'],
    [{ data: {} }, 'Item.data: expected bytes'],
    [{ tags: 'a' }, 'Item.tags: expected an array, got "a"'],
    [{ tags: ['a', 1] }, 'Item.tags.1: expected a string, got 1'],
    [{ colour: 'BLUE' }, 'Item.colour: expected one of Colour: NONE, RED, got "BLUE"'],
    [{ pricesByShop: { a: { units: 'x' } } }, 'Item.pricesByShop.a.units: expected a whole number'],
    [{ inside: { inside: { tags: 1 } } }, 'Item.inside.inside.tags: expected an array, got 1'],
    [{ at: new Date(0) }, 'Item.at: expected a Timestamp, got a Date'],
  ])('refuses %j, saying where', (message, complaint) => {
    expect(() => methodOf('Reserve').response.encode(message)).toThrow(complaint);
  });
  it('takes what fits: bigints, longs as text, keys it does not know beside those it does', () => {
    const { response } = methodOf('Reserve');
    const message = { itemId: 'a', count: 12n, unknown: true, note: undefined, tags: null };
    expect(response.decode(response.encode(message))).toMatchObject({ itemId: 'a', count: '12', tags: [] });
  });
});

describe('descriptors', () => {
  it('make the same messages as the files behind them', () => {
    const root = loadDescriptors(describeRoot(load(), (file) => file));
    const service = findService(root, 'shop.v1.Stock');
    const [ours, theirs] = [service && findMethod(service, 'Watch'), methodOf('Watch')];
    expect(ours).toMatchObject({ requestStream: false, responseStream: true });
    const whole = {
      itemId: 'a',
      count: 5n,
      pricesByShop: { my_shop: { units: 1 } },
      note: 0,
      shelf: 's',
      colour: 'RED',
    };
    for (const message of [{}, whole]) {
      const bytes = theirs.request.encode(message);
      expect(ours?.request.encode(message)).toEqual(bytes);
      expect(ours?.request.decode(bytes)).toEqual(theirs.request.decode(bytes));
    }
    expect(() => ours?.request.encode({ itemId: 5 })).toThrow('Item.itemId: expected a string');
  });
  it('have files with their imports and names as in the .proto files', () => {
    const set = describeRoot(load(), (file) => (file.startsWith(folder) ? relative(folder, file) : file));
    const files = descriptor.FileDescriptorSet.decode(set).toJSON()['file'] as Record<string, unknown>[];
    const byName = new Map(files.map((file) => [file['name'], file]));
    expect(byName.get('shop.proto')).toMatchObject({
      package: 'shop.v1',
      syntax: 'proto3',
      dependency: expect.arrayContaining(['common/money.proto', 'google/protobuf/timestamp.proto']) as unknown,
      service: [
        {
          name: 'Stock',
          method: [
            { name: 'Reserve', inputType: '.shop.v1.Item', options: { idempotencyLevel: 'IDEMPOTENT' } },
            { name: 'Watch', serverStreaming: true },
          ],
        },
      ],
    });
    expect((byName.get('shop.proto')?.['messageType'] as object[] | undefined)?.[0]).toMatchObject({
      oneofDecl: [{ name: 'place' }, { name: '_note' }],
      reservedName: ['old'],
      reservedRange: [
        { start: 20, end: 21 },
        { start: 30, end: 32 },
      ],
      enumType: [
        {
          name: 'Colour',
          value: [
            { name: 'NONE', number: 0 },
            { name: 'RED', number: 1 },
          ],
        },
      ],
    });
    expect(byName.get('options.proto')).toMatchObject({
      syntax: 'proto2',
      dependency: ['google/protobuf/descriptor.proto'],
      extension: [{ name: 'rule', extendee: '.google.protobuf.MethodOptions', number: 50_001 }],
      messageType: [{ field: [{ defaultValue: '/' }, { label: 'LABEL_REQUIRED' }] }],
    });
    const index = indexDescriptors([set]);
    expect(index.byExtension('google.protobuf.MethodOptions', 50_001)?.length).toBe(2);
    expect(index.extensionsOf('google.protobuf.MethodOptions')).toEqual([50_001]);
    expect(index.extensionsOf('shop.v1.Nothing')).toBeUndefined();
    expect(index.bySymbol('shop.v1.Item.item_id')?.length).toBe(index.byName('shop.proto')?.length);
    expect(index.byName('nothing.proto')).toBeUndefined();
  });
});
