import type { CacheOperation, CacheResult__Output } from '@bottle/protos';
import { type Duration, toMs } from '../duration.ts';
import { ttlMsOf } from './ttl.ts';
import type { StoredValues } from './stored-values.ts';

/** Operations that will run together. Each answers, in its place, what the client's method of the same name does. */
export class CacheTransaction<Value> {
  readonly operations: CacheOperation[] = [];
  readonly decoders: ((result: CacheResult__Output) => unknown)[] = [];
  readonly #values: StoredValues<Value>;

  constructor(values: StoredValues<Value>) {
    this.#values = values;
  }

  get(key: string): this {
    return this.#add({ get: { key } }, ({ value }) => this.#values.readIfAny(value, { key, outcome: 'done' }));
  }

  set(key: string, value: Value, { ttl }: { ttl?: Duration } = {}): this {
    return this.#add(
      { set: { key, value: this.#values.encode(value), ttlMs: ttlMsOf(ttl) } },
      ({ applied }) => applied,
    );
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
    const values = this.#values.encodeAll(Object.values(entries));
    return this.#add({ hashSet: { key, fields, values } }, countOf);
  }

  hashIncrement(key: string, field: string, by = 1): this {
    return this.#add({ hashIncrement: { key, field: Buffer.from(field), by } }, countOf);
  }

  push(key: string, ...values: Value[]): this {
    return this.#add({ listPush: { key, values: this.#values.encodeAll(values) } }, countOf);
  }

  setAdd(key: string, ...members: Value[]): this {
    return this.#add({ setAdd: { key, members: this.#values.encodeAll(members) } }, countOf);
  }

  sortedAdd(key: string, member: Value, score: number): this {
    const members = [{ member: this.#values.encode(member), score }];
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
