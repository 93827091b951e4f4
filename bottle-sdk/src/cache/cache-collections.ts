import type { CacheOperation, CacheResult__Output } from '@bottle/protos';
import type { CallOptions } from '../resource-calls.ts';
import type { Codec } from './codecs.ts';

/** Runs one operation: at once, or as part of a transaction. */
type RunOperation = (operation: CacheOperation, options?: CallOptions) => Promise<CacheResult__Output>;

/** Several values under one key. */
class Collection<Value> {
  protected readonly run: RunOperation;
  protected readonly key: string;
  protected readonly codec: Codec<Value>;

  constructor(run: RunOperation, key: string, codec: Codec<Value>) {
    this.run = run;
    this.key = key;
    this.codec = codec;
  }
}

/** Text fields with values. */
export class CacheHash<Value> extends Collection<Value> {
  async get(field: string): Promise<Value | undefined> {
    const { value } = await this.run({ hashGet: { key: this.key, field: Buffer.from(field) } });
    return value ? this.codec.decode(value) : undefined;
  }

  /** Sets fields; returns how many of them are new. */
  async set(entries: Readonly<Record<string, Value>>): Promise<number> {
    const pairs = Object.entries(entries);
    if (pairs.length === 0) return 0;
    const fields = pairs.map(([field]) => Buffer.from(field));
    const values = pairs.map(([, value]) => this.codec.encode(value));
    return Number((await this.run({ hashSet: { key: this.key, fields, values } })).count);
  }

  /** How many of the fields there were. */
  async delete(...fields: string[]): Promise<number> {
    if (fields.length === 0) return 0;
    return Number((await this.run({ hashDelete: { key: this.key, members: fields.map(toBytes) } })).count);
  }

  async has(field: string): Promise<boolean> {
    return (await this.run({ hashHas: { key: this.key, field: Buffer.from(field) } })).applied ?? false;
  }

  /** The values in the order of the fields, undefined where there is none. */
  async getMany(fields: readonly string[]): Promise<(Value | undefined)[]> {
    if (fields.length === 0) return [];
    const { values } = await this.run({ hashGetMany: { key: this.key, members: fields.map(toBytes) } });
    return (values?.values ?? []).map(({ present, value }) => (present ? this.codec.decode(value) : undefined));
  }

  async entries(): Promise<Map<string, Value>> {
    const { values } = await this.run({ hashEntries: { key: this.key } });
    const flat = (values?.values ?? []).map(({ value }) => value);
    const pairs = flat.flatMap((field, at): [string, Value][] =>
      at % 2 === 0 ? [[field.toString(), this.codec.decode(flat[at + 1] ?? Buffer.alloc(0))]] : [],
    );
    return new Map(pairs);
  }

  /** Adds to a whole number (none counts as 0) and returns the sum. */
  async increment(field: string, by = 1): Promise<number> {
    return Number((await this.run({ hashIncrement: { key: this.key, field: Buffer.from(field), by } })).count);
  }

  async size(): Promise<number> {
    return Number((await this.run({ hashLength: { key: this.key } })).count);
  }
}

/** Values in order, with two ends: left (first) and right (last). */
export class CacheList<Value> extends Collection<Value> {
  /** Adds at the right end, one after the other; returns the length. */
  push(...values: Value[]): Promise<number> {
    return this.#push(values, false);
  }

  /** Adds at the left end, one after the other; returns the length. */
  pushLeft(...values: Value[]): Promise<number> {
    return this.#push(values, true);
  }

  /** Takes the rightmost value. */
  async pop(): Promise<Value | undefined> {
    return (await this.#pop(1, false))[0];
  }

  /** Takes the leftmost value. */
  async popLeft(): Promise<Value | undefined> {
    return (await this.#pop(1, true))[0];
  }

  /** Takes up to so many values from the left. */
  popLeftMany(count: number): Promise<Value[]> {
    return this.#pop(count, true);
  }

  /** From `start` to `stop`, both included; negative positions count from the right end. */
  async range(start = 0, stop = -1): Promise<Value[]> {
    return this.#decodeAll(await this.run({ listRange: { key: this.key, start, stop } }));
  }

  /** Keeps only this range. */
  async trim(start: number, stop: number): Promise<void> {
    await this.run({ listTrim: { key: this.key, start, stop } });
  }

  async length(): Promise<number> {
    return Number((await this.run({ listLength: { key: this.key } })).count);
  }

  async #push(values: Value[], left: boolean): Promise<number> {
    if (values.length === 0) return this.length();
    const encoded = values.map((value) => this.codec.encode(value));
    return Number((await this.run({ listPush: { key: this.key, values: encoded, left } })).count);
  }

  async #pop(count: number, left: boolean): Promise<Value[]> {
    return this.#decodeAll(await this.run({ listPop: { key: this.key, count, left } }));
  }

  #decodeAll({ values }: CacheResult__Output): Value[] {
    return (values?.values ?? []).map(({ value }) => this.codec.decode(value));
  }
}

/** Distinct values in no order. */
export class CacheSet<Value> extends Collection<Value> {
  /** Returns how many are new. */
  async add(...members: Value[]): Promise<number> {
    if (members.length === 0) return 0;
    return Number((await this.run({ setAdd: { key: this.key, members: this.#encodeAll(members) } })).count);
  }

  /** Returns how many there were. */
  async remove(...members: Value[]): Promise<number> {
    if (members.length === 0) return 0;
    return Number((await this.run({ setRemove: { key: this.key, members: this.#encodeAll(members) } })).count);
  }

  async has(member: Value): Promise<boolean> {
    return (await this.run({ setHas: { key: this.key, field: this.codec.encode(member) } })).applied ?? false;
  }

  async members(): Promise<Value[]> {
    const { values } = await this.run({ setMembers: { key: this.key } });
    return (values?.values ?? []).map(({ value }) => this.codec.decode(value));
  }

  async size(): Promise<number> {
    return Number((await this.run({ setSize: { key: this.key } })).count);
  }

  #encodeAll(members: Value[]): Uint8Array[] {
    return members.map((member) => this.codec.encode(member));
  }
}

/** A member of a sorted set. */
export interface Scored<Value> {
  member: Value;
  score: number;
}

export interface RangeOptions {
  /** Highest first. Positions then count from the highest. */
  reverse?: boolean;
}

/** Distinct values, ordered by a score. */
export class CacheSortedSet<Value> extends Collection<Value> {
  /** Adds members or changes their scores; returns how many are new. */
  async add(members: readonly Scored<Value>[]): Promise<number> {
    if (members.length === 0) return 0;
    const encoded = members.map(({ member, score }) => ({ member: this.codec.encode(member), score }));
    return Number((await this.run({ sortedAdd: { key: this.key, members: encoded } })).count);
  }

  /** Returns how many there were. */
  async remove(...members: Value[]): Promise<number> {
    if (members.length === 0) return 0;
    const encoded = members.map((member) => this.codec.encode(member));
    return Number((await this.run({ sortedRemove: { key: this.key, members: encoded } })).count);
  }

  async score(member: Value): Promise<number | undefined> {
    const field = this.codec.encode(member);
    return (await this.run({ sortedScore: { key: this.key, field } })).score ?? undefined;
  }

  /** Adds to a member's score (none counts as 0) and returns the sum. */
  async increment(member: Value, by = 1): Promise<number> {
    const encoded = this.codec.encode(member);
    return (await this.run({ sortedIncrement: { key: this.key, member: encoded, by } })).score ?? 0;
  }

  /** By position, both ends included; negative ones count from the end. */
  range(start = 0, stop = -1, { reverse = false }: RangeOptions = {}): Promise<Scored<Value>[]> {
    return this.#range({ start, stop, reverse });
  }

  /** By score, both ends included; infinities are fine. */
  rangeByScore(
    lowest: number,
    highest: number,
    { reverse = false, limit = 0, offset = 0 }: RangeOptions & { limit?: number; offset?: number } = {},
  ): Promise<Scored<Value>[]> {
    return this.#range({ byScore: true, start: lowest, stop: highest, reverse, limit, offset });
  }

  /** The position of a member, 0 for the lowest (with `reverse`: the highest) score. */
  async rank(member: Value, { reverse = false }: RangeOptions = {}): Promise<number | undefined> {
    const encoded = this.codec.encode(member);
    const { result, count } = await this.run({ sortedRank: { key: this.key, member: encoded, reverse } });
    return result === 'count' ? Number(count) : undefined;
  }

  async size(): Promise<number> {
    return Number((await this.run({ sortedSize: { key: this.key } })).count);
  }

  async #range(range: object): Promise<Scored<Value>[]> {
    const { members } = await this.run({ sortedRange: { key: this.key, ...range } });
    return (members?.members ?? []).map(({ member, score }) => ({
      member: this.codec.decode(member),
      score,
    }));
  }
}

function toBytes(text: string): Buffer {
  return Buffer.from(text);
}
