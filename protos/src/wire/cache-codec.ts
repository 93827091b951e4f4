// The commonest messages of the `cache` capability without protobufjs' object tree: a read passes here twice in each
// process. Everything else goes through proto-loader's codec. Byte-compatible with cache.proto; a test holds them
// against protobufjs.
import type { CacheDefinition } from '../generated/bottle/v1/Cache.ts';
import type { CacheOperation, CacheOperation__Output } from '../generated/bottle/v1/CacheOperation.ts';
import type { CacheResult, CacheResult__Output } from '../generated/bottle/v1/CacheResult.ts';
import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

const NO_BYTES = Buffer.alloc(0);
/** The first byte of an operation that is a `get`, and of a result that is a `value` or `applied`. */
const GET_TAG = (1 << 3) | 2;
const VALUE_TAG = (1 << 3) | 2;
const APPLIED_TAG = (5 << 3) | 0;

/** The definition with fast codecs for `get`, and for results that are a value, nothing, or yes or no. */
export function withCacheCodecs(definition: CacheDefinition): CacheDefinition {
  const { Execute } = definition;
  const writer = new WireWriter(4 * 1024);
  return {
    ...definition,
    Execute: {
      ...Execute,
      requestSerialize(operation: CacheOperation): Buffer {
        if (!operation.get) return Execute.requestSerialize(operation);
        const start = writer.beginMessage(1);
        writer.string(1, operation.get.key ?? '');
        writer.endMessage(start);
        return writer.finish();
      },
      requestDeserialize(bytes: Buffer): CacheOperation__Output {
        if (bytes[0] !== GET_TAG) return Execute.requestDeserialize(bytes);
        return readGet(bytes) ?? Execute.requestDeserialize(bytes);
      },
      responseSerialize(result: CacheResult): Buffer {
        if (result.oldValue !== undefined) return Execute.responseSerialize(result);
        if (result.value !== undefined && result.value !== null) {
          const { value } = result;
          writer.bytesItem(1, typeof value === 'string' ? Buffer.from(value) : value);
          return writer.finish();
        }
        if (typeof result.applied === 'boolean') return Buffer.from([APPLIED_TAG, result.applied ? 1 : 0]);
        return Execute.responseSerialize(result);
      },
      responseDeserialize(bytes: Buffer): CacheResult__Output {
        if (bytes.length === 0) return {};
        if (bytes.length === 2 && bytes[0] === APPLIED_TAG) return { result: 'applied', applied: bytes[1] === 1 };
        if (bytes[0] !== VALUE_TAG) return Execute.responseDeserialize(bytes);
        return readValue(bytes) ?? Execute.responseDeserialize(bytes);
      },
    },
  };
}

/** Undefined for a message that says more than `get`. */
function readGet(bytes: Buffer): CacheOperation__Output | undefined {
  const reader = new WireReader(bytes);
  reader.next();
  const message = reader.message();
  if (reader.next()) return undefined;
  let key = '';
  while (message.next()) {
    if (message.field === 1) key = message.string();
    else message.skip();
  }
  return { operation: 'get', get: { key } };
}

/** Undefined for a result that says more than `value`. */
function readValue(bytes: Buffer): CacheResult__Output | undefined {
  const reader = new WireReader(bytes);
  reader.next();
  const value = reader.bytes();
  return reader.next() ? undefined : { result: 'value', value: value.length === 0 ? NO_BYTES : value };
}
