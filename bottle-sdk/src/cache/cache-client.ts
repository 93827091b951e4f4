import {
  type CacheCondition,
  type CacheOperation,
  type CacheReply__Output,
  type CacheResult__Output,
  definitionOf,
} from '@bottle/protos';
import { type Duration, toMs } from '../duration.ts';
import type { CallOptions, ResourceCalls } from '../resource-calls.ts';
import { CacheHash, CacheList, CacheSet, CacheSortedSet } from './cache-collections.ts';
import { CacheTransaction } from './cache-transaction.ts';
import type { Codec } from './codecs.ts';
import { StoredValues } from './stored-values.ts';
import { type ThroughOptions, throughOf } from './through.ts';
import type { WithUnreadable } from './unreadable-value.ts';
import { ttlMsOf } from './ttl.ts';

export interface SetOptions extends CallOptions {
  /** When it expires. Without it, never. */
  ttl?: Duration;
  /** Keep the remaining time of the value before. */
  keepTtl?: boolean;
  /** Store only where there is no value, or only where there is one. @default 'always' */
  if?: 'always' | 'absent' | 'present';
}

export interface ScanOptions extends CallOptions {
  /** Redis glob: "cart:*". */
  match?: string;
  /** How many keys each step looks at. @default 100 */
  count?: number;
}

/** What a script or a raw command answered. Texts are Buffers; a status ("OK") is a string. */
export type RawReply = null | number | bigint | boolean | string | Buffer | RawReply[];

const CONDITIONS: Readonly<Record<NonNullable<SetOptions['if']>, CacheCondition>> = {
  always: 'CACHE_CONDITION_ALWAYS',
  absent: 'CACHE_CONDITION_IF_ABSENT',
  present: 'CACHE_CONDITION_IF_PRESENT',
};

/** Of calls that belong to no invocation. */
const OWN_TIMEOUT_MS = 5_000;

/** One cache resource. Keys are texts, values are what the codec makes of them (JSON unless told otherwise). */
export class CacheClient<Value = unknown> {
  readonly #calls: ResourceCalls;
  readonly #codec: Codec<Value>;
  readonly #values: StoredValues<Value>;
  readonly #methods = definitionOf('cache');

  constructor(calls: ResourceCalls, codec: Codec<Value>) {
    this.#calls = calls;
    this.#codec = codec;
    this.#values = new StoredValues(calls, codec);
  }

  /** The value, or undefined where there is none. Throws UnreadableValue (`not-json`) for what is no value of the codec. */
  async get(key: string, options?: CallOptions): Promise<Value | undefined> {
    return this.#values.readIfAny((await this.#execute({ get: { key } }, options)).value, { key });
  }

  /** Stores a value; false when `if` kept it from being stored. */
  async set(key: string, value: Value, options: SetOptions = {}): Promise<boolean> {
    return (await this.#execute({ set: this.#setMessage(key, value, options) }, options)).applied ?? false;
  }

  /** Stores a value and returns the one before it. Throws UnreadableValue, with its bytes, when that was none; it is stored then. */
  async replace(key: string, value: Value, options: SetOptions = {}): Promise<Value | undefined> {
    const set = { ...this.#setMessage(key, value, options), returnOld: true };
    return this.#values.readIfAny((await this.#execute({ set }, options)).oldValue, { key, outcome: 'done' });
  }

  /** How many of the keys there were. */
  async delete(...keys: string[]): Promise<number> {
    return keys.length === 0 ? 0 : Number((await this.#execute({ delete: { keys } })).count);
  }

  /** How many of the keys there are. */
  async exists(...keys: string[]): Promise<number> {
    return keys.length === 0 ? 0 : Number((await this.#execute({ exists: { keys } })).count);
  }

  /** Sets when a key expires; false when there is no such key. */
  async expire(key: string, ttl: Duration, options?: CallOptions): Promise<boolean> {
    return (await this.#execute({ expire: { key, ttlMs: toMs(ttl) } }, options)).applied ?? false;
  }

  /** Makes a key last; false when there is no such key, or it did anyway. */
  async persist(key: string, options?: CallOptions): Promise<boolean> {
    return (await this.#execute({ persist: { key } }, options)).applied ?? false;
  }

  /** Milliseconds until a key expires: Infinity when it does not, undefined when there is none. */
  async ttlMs(key: string, options?: CallOptions): Promise<number | undefined> {
    const left = Number((await this.#execute({ timeToLive: { key } }, options)).count);
    if (left === -2) return undefined;
    return left === -1 ? Number.POSITIVE_INFINITY : left;
  }

  /** Adds to a whole number (none counts as 0) and returns the sum. Counters are exact up to 2^53. */
  async increment(key: string, by = 1, options?: CallOptions): Promise<number> {
    return Number((await this.#execute({ increment: { key, by } }, options)).count);
  }

  /**
   * The values in the order of the keys, undefined where there is none, or none that can be read: `unreadable` of the array
   * has an error for each of those.
   */
  async getMany(keys: readonly string[], options?: CallOptions): Promise<WithUnreadable<(Value | undefined)[]>> {
    const { values } = keys.length === 0 ? {} : await this.#execute({ getMany: { keys: [...keys] } }, options);
    return this.#values.readEach(values?.values ?? [], (at) => ({ key: keys[at] ?? '' }));
  }

  /** Stores several values at once, all or none. */
  async setMany(entries: Readonly<Record<string, Value>> | ReadonlyMap<string, Value>, options: CallOptions = {}) {
    const pairs: [string, Value][] = [...(entries instanceof Map ? entries : Object.entries(entries))];
    if (pairs.length === 0) return;
    const values = this.#values.encodeAll(pairs.map(([, value]) => value));
    await this.#execute({ setMany: { keys: pairs.map(([key]) => key), values } }, options);
  }

  /** All keys, or those that match, in no particular order; one that is there all the time comes at least once. */
  async *scan(options: ScanOptions = {}): AsyncGenerator<string> {
    let cursor = '';
    do {
      const scan = { cursor, match: options.match ?? '', count: options.count ?? 0 };
      const { page } = await this.#execute({ scan }, options);
      yield* page?.keys ?? [];
      cursor = page?.cursor ?? '';
    } while (cursor !== '');
  }

  hash(key: string): CacheHash<Value> {
    return new CacheHash(this.#run, key, this.#values);
  }

  list(key: string): CacheList<Value> {
    return new CacheList(this.#run, key, this.#values, this.#runInProcess);
  }

  /** Members are compared by their encoded bytes. */
  setOf(key: string): CacheSet<Value> {
    return new CacheSet(this.#run, key, this.#values);
  }

  /** Members are compared by their encoded bytes. */
  sortedSet(key: string): CacheSortedSet<Value> {
    return new CacheSortedSet(this.#run, key, this.#values);
  }

  /**
   * Collects operations and runs them with nothing in between. Returns their results in order; an operation that fails
   * fails the transaction, after the others have run, as in Redis. What cannot be read is undefined, and in `unreadable`.
   */
  async transaction(
    collect: (transaction: CacheTransaction<Value>) => void,
    options?: CallOptions,
  ): Promise<WithUnreadable<unknown[]>> {
    const transaction = new CacheTransaction(this.#values);
    collect(transaction);
    const { operations, decoders } = transaction;
    const { results } =
      operations.length === 0
        ? { results: [] }
        : await this.#calls.unary(this.#methods.Transaction, { operations }, options);
    return this.#values.together((attempt) =>
      decoders.map((decode, at) => attempt(() => decode(results[at] as CacheResult__Output))),
    );
  }

  /**
   * Runs a script of the store's language (Lua in Redis) as one. Its text travels each time but is sent to the store
   * once. `readOnly` scripts need only a read grant and may be repeated.
   */
  async script(
    source: string,
    keys: readonly string[] = [],
    args: readonly (string | number | Uint8Array)[] = [],
    options: CallOptions & { readOnly?: boolean } = {},
  ): Promise<RawReply> {
    const script = { source, keys: [...keys], arguments: args.map(toBytes), readOnly: options.readOnly ?? false };
    return toRaw((await this.#execute({ script }, options)).reply);
  }

  /**
   * Any other command, by its own name. Keys are given apart, because the resource's prefix belongs before them:
   * `command('BITCOUNT', ['visits'])`.
   */
  async command(
    name: string,
    keys: readonly string[] = [],
    args: readonly (string | number | Uint8Array)[] = [],
    options: CallOptions & { before?: readonly (string | number)[] } = {},
  ): Promise<RawReply> {
    const before = (options.before ?? []).map(toBytes);
    const command = { name, before, keys: [...keys], arguments: args.map(toBytes) };
    return toRaw((await this.#execute({ command }, options)).reply);
  }

  /** Tells everybody who listens now; returns how many that were, as far as the store knows. */
  async publish(channel: string, value: Value, options?: CallOptions): Promise<number> {
    const publish = { channel, payload: this.#values.encode(value) };
    return Number((await this.#execute({ publish }, options)).count);
  }

  /**
   * What is published to the channels from when this resolves. Nothing is kept for who does not listen, and a break of
   * the connection to the store may lose messages: use `mq` for what must arrive. A message that is no value of the codec is
   * left out.
   */
  async subscribe(...channels: string[]): Promise<AsyncGenerator<{ channel: string; value: Value }>> {
    const stream = this.#calls.stream(this.#methods.Subscribe);
    await stream.send({ channels });
    stream.end();
    const messages = stream[Symbol.asyncIterator]();
    await messages.next();
    const values = this.#values;
    return (async function* () {
      for await (const { channel, payload } of messages)
        yield* values.readGood([payload], (bytes) => ({ channel, value: values.read(bytes, { key: channel }) }));
    })();
  }

  /**
   * The value of a key, loaded and stored when it is not there: one load at a time for each key (in this process, and
   * across pods by a short claim in the store), stale values served while they are renewed, "there is none" remembered,
   * expiry spread so that keys do not all expire at once.
   */
  through<Loaded extends Value>(
    key: string,
    load: (key: string) => Promise<Loaded | undefined> | Loaded | undefined,
    options: ThroughOptions,
  ): Promise<Loaded | undefined> {
    return throughOf(this.#calls).get(key, load as never, options, this.#codec) as Promise<Loaded | undefined>;
  }

  /** Forgets what `through` has stored under a key, in every pod, within a second. */
  invalidate(...keys: string[]): Promise<void> {
    return throughOf(this.#calls).invalidate(keys);
  }

  #setMessage(key: string, value: Value, { ttl, keepTtl = false, if: condition = 'always' }: SetOptions) {
    return { key, value: this.#values.encode(value), ttlMs: ttlMsOf(ttl), keepTtl, condition: CONDITIONS[condition] };
  }

  readonly #run = (operation: CacheOperation, options?: CallOptions): Promise<CacheResult__Output> =>
    this.#execute(operation, options);

  /** Whatever becomes of the invocation. */
  readonly #runInProcess = async (operation: CacheOperation): Promise<CacheResult__Output> => {
    using scope = this.#calls.scope.process.derive({ timeoutMs: OWN_TIMEOUT_MS, signal: undefined });
    return await this.#calls.inScope(scope).unary(this.#methods.Execute, operation);
  };

  #execute(operation: CacheOperation, options?: CallOptions): Promise<CacheResult__Output> {
    return this.#calls.unary(this.#methods.Execute, operation, options);
  }
}

function toBytes(value: string | number | Uint8Array): Uint8Array {
  return value instanceof Uint8Array ? value : Buffer.from(String(value));
}

function toRaw(reply: CacheReply__Output | null | undefined): RawReply {
  switch (reply?.reply) {
    case 'integer': {
      const integer = BigInt(reply.integer ?? 0);
      return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer;
    }
    case 'value':
      return Buffer.from(reply.value ?? '');
    case 'status':
      return reply.status ?? '';
    case 'array':
      return (reply.array?.replies ?? []).map(toRaw);
    case 'number':
      return reply.number ?? 0;
    case 'boolean':
      return reply.boolean ?? false;
    default:
      return null;
  }
}
