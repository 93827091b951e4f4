import { loadSync } from '@grpc/proto-loader';
import { describe, expect, it } from 'vitest';
import type { CacheDefinition } from '../generated/bottle/v1/Cache.ts';
import type { CacheOperation } from '../generated/bottle/v1/CacheOperation.ts';
import type { CacheResult } from '../generated/bottle/v1/CacheResult.ts';
import { CAPABILITY_PROTO_FILES, LOADER_OPTIONS, PROTO_DIR } from '../load.ts';
import { withCacheCodecs } from './cache-codec.ts';

const definition = loadSync(CAPABILITY_PROTO_FILES.cache, { ...LOADER_OPTIONS, includeDirs: [PROTO_DIR] })[
  'bottle.v1.Cache'
] as unknown as CacheDefinition;
const reference = definition.Execute;
const fast = withCacheCodecs(definition).Execute;

const OPERATIONS: CacheOperation[] = [
  { get: { key: 'a' } },
  { get: { key: '' } },
  { get: { key: `😀${'x'.repeat(300)}` } },
  { set: { key: 'a', value: Buffer.from('b'), ttlMs: 5 } },
  { delete: { keys: ['a', 'b'] } },
];
const RESULTS: CacheResult[] = [
  {},
  { value: Buffer.alloc(0) },
  { value: Buffer.from('v') },
  { value: Buffer.alloc(200_000, 'v') },
  { applied: true },
  { applied: false },
  { applied: true, oldValue: Buffer.from('old') },
  { count: '7' },
  { oldValue: Buffer.from('old') },
  { values: { values: [{ present: true, value: Buffer.from('x') }] } },
];

describe('the fast codecs of cache operations', () => {
  it('write what protobufjs reads the same', () => {
    for (const operation of OPERATIONS) {
      const expected = reference.requestDeserialize(reference.requestSerialize(operation));
      expect(reference.requestDeserialize(fast.requestSerialize(operation))).toEqual(expected);
    }
    for (const result of RESULTS) {
      const expected = reference.responseDeserialize(reference.responseSerialize(result));
      expect(reference.responseDeserialize(fast.responseSerialize(result))).toEqual(expected);
    }
  });
  it('read what protobufjs writes the same', () => {
    for (const operation of OPERATIONS) {
      const bytes = reference.requestSerialize(operation);
      expect(fast.requestDeserialize(bytes)).toEqual(reference.requestDeserialize(bytes));
    }
    for (const result of RESULTS) {
      const bytes = reference.responseSerialize(result);
      expect(fast.responseDeserialize(bytes)).toEqual(reference.responseDeserialize(bytes));
    }
  });
  it('refuse a message that is cut short', () => {
    expect(() => fast.requestDeserialize(Buffer.from([10, 200]))).toThrow(RangeError);
    expect(() => fast.responseDeserialize(Buffer.from([10, 5, 1]))).toThrow(RangeError);
  });
});
