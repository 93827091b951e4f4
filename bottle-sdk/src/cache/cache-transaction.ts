import type { CacheOperation, CacheResult__Output } from '@bottle/protos';
import { type Duration, toMs } from '../duration.ts';
import type { Codec } from './codecs.ts';

/** Operations that will run together. Each answers, in its place, what the client's method of the same name does. */
export class CacheTransaction<Value> {
  readonly operations: CacheOperation[] = [];
  readonly decoders: ((result: CacheResult__Output) => unknown)[] = [];
  readonly #codec: Codec<Value>;

  constructor(codec: Codec<Value>) {
    this.#codec = codec;
  }

  get(key: string): this {
    return this.#add({ get: { key } }, ({ value }) => (value ? this.#codec.decode(value) : undefined));
  }

  set(key: string, value: Value, { ttl }: { ttl?: Duration } = {}): this {
    const ttlMs = ttl === undefined ? 0 : toMs(ttl);
    return this.#add({ set: { key, value: this.#codec.encode(value), ttlMs } }, ({ applied }) => applied);
  }

  delete(...keys: string[]): this {
    return this.#add({ delete: { keys } }, countOf);
  }

  expire(key: string, ttl: Duration): this {
    return this.#add({ expire: { key, ttlMs: toMs(ttl) } }, ({ applied }) => applied);
  }

  increment(key: string, by = 1): this {
    return this.#add({ increment: { key, by } }, countOf);
  }

  hashSet(key: string, entries: Readonly<Record<string, Value>>): this {
    const fields = Object.keys(entries).map((field) => Buffer.from(field));
    const values = Object.values(entries).map((value) => this.#codec.encode(value));
    return this.#add({ hashSet: { key, fields, values } }, countOf);
  }

  hashIncrement(key: string, field: string, by = 1): this {
    return this.#add({ hashIncrement: { key, field: Buffer.from(field), by } }, countOf);
  }

  push(key: string, ...values: Value[]): this {
    return this.#add({ listPush: { key, values: values.map((value) => this.#codec.encode(value)) } }, countOf);
  }

  setAdd(key: string, ...members: Value[]): this {
    return this.#add({ setAdd: { key, members: members.map((member) => this.#codec.encode(member)) } }, countOf);
  }

  sortedAdd(key: string, member: Value, score: number): this {
    const members = [{ member: this.#codec.encode(member), score }];
    return this.#add({ sortedAdd: { key, members } }, countOf);
  }

  #add(operation: CacheOperation, decode: (result: CacheResult__Output) => unknown): this {
    this.operations.push(operation);
    this.decoders.push(decode);
    return this;
  }
}

function countOf({ count }: CacheResult__Output): number {
  return Number(count);
}
