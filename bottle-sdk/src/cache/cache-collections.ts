import type { CacheOperation, CacheResult__Output } from '@bottle/protos';
import type { CallOptions } from '../resource-calls.ts';
import type { StoredValues } from './stored-values.ts';
import type { WithUnreadable } from './unreadable-value.ts';

/** Runs one operation: at once, or as part of a transaction. */
type RunOperation = (operation: CacheOperation, options?: CallOptions) => Promise<CacheResult__Output>;

/** Several values under one key. */
class Collection<Value> {
  protected readonly run: RunOperation;
  protected readonly key: string;
  protected readonly values: StoredValues<Value>;

  constructor(run: RunOperation, key: string, values: StoredValues<Value>) {
    this.run = run;
    this.key = key;
    this.values = values;
  }
}

/** Text fields with values. */
export class CacheHash<Value> extends Collection<Value> {
  async get(field: string): Promise<Value | undefined> {
    const { value } = await this.run({ hashGet: { key: this.key, field: Buffer.from(field) } });
    return this.values.readIfAny(value, { key: this.key, field });
  }

  /** Sets fields; returns how many of them are new. */
  async set(entries: Readonly<Record<string, Value>>): Promise<number> {
    const pairs = Object.entries(entries);
    if (pairs.length === 0) return 0;
    const fields = pairs.map(([field]) => Buffer.from(field));
    const values = this.values.encodeAll(pairs.map(([, value]) => value));
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

  /** The values in the order of the fields, undefined where there is none, or none that can be read. */
  async getMany(fields: readonly string[]): Promise<WithUnreadable<(Value | undefined)[]>> {
    const key = this.key;
    const { values } =
      fields.length === 0 ? {} : await this.run({ hashGetMany: { key, members: fields.map(toBytes) } });
    return this.values.readEach(values?.values ?? [], (at) => ({ key, field: fields[at] ?? '' }));
  }

  /** All that can be read. */
  async entries(): Promise<WithUnreadable<Map<string, Value>>> {
    const key = this.key;
    const { values } = await this.run({ hashEntries: { key } });
    const flat = (values?.values ?? []).map(({ value }) => value);
    return this.values.together((attempt) => {
      const entries = new Map<string, Value>();
      for (let at = 0; at < flat.length; at += 2) {
        const field = String(flat[at]);
        attempt(() => entries.set(field, this.values.read(flat[at + 1] ?? Buffer.alloc(0), { key, field })));
      }
      return entries;
    });
  }

  /** Adds to a whole number (none counts as 0) and returns the sum. */
  async increment(field: string, by = 1): Promise<number> {
    return Number((await this.run({ hashIncrement: { key: this.key, field: Buffer.from(field), by } })).count);
  }

  async size(): Promise<number> {
    return Number((await this.run({ hashLength: { key: this.key } })).count);
  }
}

/**
 * Values in order, with two ends: left (first) and right (last). Taking passes over what cannot be read, and puts it
 * aside: at the right end of the list `<key>:unreadable`.
 */
export class CacheList<Value> extends Collection<Value> {
  readonly #putAside: RunOperation;

  /** `putAside` runs an operation even when the invocation is over. */
  constructor(run: RunOperation, key: string, values: StoredValues<Value>, putAside: RunOperation) {
    super(run, key, values);
    this.#putAside = putAside;
  }

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

  /** Takes up to so many values from the left; none only when there are none. */
  popLeftMany(count: number): Promise<WithUnreadable<Value[]>> {
    return this.#pop(count, true);
  }

  /** From `start` to `stop`, both included, what can be read; negative positions count from the right end. */
  async range(start = 0, stop = -1): Promise<WithUnreadable<Value[]>> {
    return this.#readGood(await this.run({ listRange: { key: this.key, start, stop } }));
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
    const encoded = this.values.encodeAll(values);
    return Number((await this.run({ listPush: { key: this.key, values: encoded, left } })).count);
  }

  async #pop(count: number, left: boolean): Promise<WithUnreadable<Value[]>> {
    for (;;) {
      const result = await this.run({ listPop: { key: this.key, count, left } });
      const read = this.#readGood(result);
      const [first] = read.unreadable;
      if (!first) return read;
      const values = read.unreadable.map(({ bytes }) => bytes);
      const aside = this.#putAside({ listPush: { key: `${this.key}:unreadable`, values } });
      const isAside = await aside.then(
        () => true,
        () => false,
      );
      if (read.length > 0) return read;
      if (!isAside) throw first; // whoever took it has it
    }
  }

  #readGood({ values }: CacheResult__Output): WithUnreadable<Value[]> {
    return this.values.readGood(values?.values ?? [], ({ value }) => this.values.read(value, { key: this.key }));
  }
}

/** Distinct values in no order. */
export class CacheSet<Value> extends Collection<Value> {
  /** Returns how many are new. */
  async add(...members: Value[]): Promise<number> {
    if (members.length === 0) return 0;
    return Number((await this.run({ setAdd: { key: this.key, members: this.values.encodeAll(members) } })).count);
  }

  /** Returns how many there were. */
  async remove(...members: Value[]): Promise<number> {
    if (members.length === 0) return 0;
    return Number((await this.run({ setRemove: { key: this.key, members: this.values.encodeAll(members) } })).count);
  }

  async has(member: Value): Promise<boolean> {
    return (await this.run({ setHas: { key: this.key, field: this.values.encode(member) } })).applied ?? false;
  }

  /** All that can be read. */
  async members(): Promise<WithUnreadable<Value[]>> {
    const { values } = await this.run({ setMembers: { key: this.key } });
    return this.values.readGood(values?.values ?? [], ({ value }) => this.values.read(value, { key: this.key }));
  }

  async size(): Promise<number> {
    return Number((await this.run({ setSize: { key: this.key } })).count);
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
    const encoded = members.map(({ member, score }) => ({ member: this.values.encode(member), score }));
    return Number((await this.run({ sortedAdd: { key: this.key, members: encoded } })).count);
  }

  /** Returns how many there were. */
  async remove(...members: Value[]): Promise<number> {
    if (members.length === 0) return 0;
    const encoded = this.values.encodeAll(members);
    return Number((await this.run({ sortedRemove: { key: this.key, members: encoded } })).count);
  }

  async score(member: Value): Promise<number | undefined> {
    const field = this.values.encode(member);
    return (await this.run({ sortedScore: { key: this.key, field } })).score ?? undefined;
  }

  /** Adds to a member's score (none counts as 0) and returns the sum. */
  async increment(member: Value, by = 1): Promise<number> {
    const encoded = this.values.encode(member);
    return (await this.run({ sortedIncrement: { key: this.key, member: encoded, by } })).score ?? 0;
  }

  /** By position, both ends included, what can be read; negative positions count from the end. */
  range(start = 0, stop = -1, { reverse = false }: RangeOptions = {}): Promise<WithUnreadable<Scored<Value>[]>> {
    return this.#range({ start, stop, reverse });
  }

  /** By score, both ends included, what can be read; infinities are fine. */
  rangeByScore(
    lowest: number,
    highest: number,
    { reverse = false, limit = 0, offset = 0 }: RangeOptions & { limit?: number; offset?: number } = {},
  ): Promise<WithUnreadable<Scored<Value>[]>> {
    return this.#range({ byScore: true, start: lowest, stop: highest, reverse, limit, offset });
  }

  /** The position of a member, 0 for the lowest (with `reverse`: the highest) score. */
  async rank(member: Value, { reverse = false }: RangeOptions = {}): Promise<number | undefined> {
    const encoded = this.values.encode(member);
    const { result, count } = await this.run({ sortedRank: { key: this.key, member: encoded, reverse } });
    return result === 'count' ? Number(count) : undefined;
  }

  async size(): Promise<number> {
    return Number((await this.run({ sortedSize: { key: this.key } })).count);
  }

  async #range(range: object): Promise<WithUnreadable<Scored<Value>[]>> {
    const { key } = this;
    const { members } = await this.run({ sortedRange: { key, ...range } });
    return this.values.readGood(members?.members ?? [], ({ member, score }) => ({
      member: this.values.read(member, { key }),
      score,
    }));
  }
}

function toBytes(text: string): Buffer {
  return Buffer.from(text);
}
