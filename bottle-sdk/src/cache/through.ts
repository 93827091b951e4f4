// Read-through caching in two levels: this process, and the store that all pods share.
//  1. One load at a time for each key in this process, and (by a claim in the store) across pods.
//  2. A value older than `ttl` but younger than `ttl + stale` is served while one renewal runs.
//  3. The local level is trusted only while the subscription to invalidations stands; when it breaks, it is emptied.
//  4. A load that began before an invalidation does not store what it found.
//  5. A store that does not answer makes the cache useless, not the function: the value is loaded.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { BottleError, type CacheOperation, type CacheResult__Output, Code, definitionOf } from '@bottle/protos';
import { type Duration, toMs } from '../duration.ts';
import type { ResourceCalls } from '../resource-calls.ts';
import { type BottleScope, runInScope } from '../scope.ts';
import type { Codec } from './codecs.ts';

export interface ThroughOptions {
  /** How long a value is fresh. Spread by up to a tenth, so that keys do not all expire at once. */
  ttl: Duration;
  /** How much longer it is served while it is renewed. @default 0 */
  stale?: Duration;
  /** How long this process answers by itself; false: never. @default one second, or `ttl` if that is less */
  local?: Duration | false;
  /** How long "there is none" (`load` gave undefined) is remembered. @default five seconds, or `ttl` if that is less */
  negative?: Duration;
  /** How long another pod's load is waited for before this one loads, too. @default five seconds */
  claim?: Duration;
}

type Load = (key: string) => Promise<unknown>;

interface Times {
  ttlMs: number;
  staleMs: number;
  localMs: number;
  negativeMs: number;
  claimMs: number;
}

/** A value as the store keeps it. */
interface StoredEntry {
  present: boolean;
  freshUntil: number;
  bytes: Buffer;
}

interface LocalEntry {
  /** Resolved: handing the same one out costs nothing. */
  answer: Promise<unknown>;
  until: number;
}

const CHANNEL = 'bottle:invalidate';
const MAX_LOCAL_KEYS = 10_000;
const RESUBSCRIBE_MS = 200;
/** "value present" byte, then when it stops being fresh as a double, then the value. */
const HEADER_BYTES = 9;

/** The read-through level of a resource in this process, one for all invocations. */
export function throughOf(calls: ResourceCalls): Through {
  const { process } = calls.scope;
  return process.shared(`through:${calls.resource}`, () => new Through(calls, process.derive(FOREVER)));
}

const FOREVER = { timeoutMs: Number.POSITIVE_INFINITY, signal: undefined };

export class Through {
  /** Calls that belong to the process: subscription and renewals outlive the invocation that caused them. */
  readonly #own: ResourceCalls;
  readonly #ownScope: BottleScope;
  readonly #calls: ResourceCalls;
  readonly #local = new Map<string, LocalEntry>();
  readonly #loading = new Map<string, Promise<unknown>>();
  readonly #times = new WeakMap<ThroughOptions, Times>();
  readonly #methods = definitionOf('cache');
  #subscribed = false;
  #subscribing = false;
  /** Grows with every invalidation. */
  #generation = 0;

  constructor(calls: ResourceCalls, scope: BottleScope) {
    this.#calls = calls;
    this.#ownScope = scope;
    this.#own = calls.inScope(scope);
  }

  /** See CacheClient.through. */
  get(key: string, load: Load, options: ThroughOptions, codec: Codec<unknown>): Promise<unknown> {
    const entry = this.#local.get(key);
    if (entry !== undefined && this.#subscribed && entry.until > Date.now()) return entry.answer;
    return this.#obtain(key, load, this.#timesOf(options), codec);
  }

  async invalidate(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    this.#forget(keys);
    await this.#execute({ delete: { keys: keys.flatMap((key) => [storeKey(key), claimKey(key)]) } });
    await this.#execute({ publish: { channel: CHANNEL, payload: Buffer.from(JSON.stringify(keys)) } });
  }

  /** Invariant 1: joins the load under way, or leads one. */
  async #obtain(key: string, load: Load, times: Times, codec: Codec<unknown>): Promise<unknown> {
    for (;;) {
      const loading = this.#loading.get(key);
      if (!loading) return await this.#lead(key, () => this.#lookUp(key, load, times, codec, this.#calls));
      try {
        return await loading;
      } catch (error) {
        if (!isGivenUp(error)) throw error; // the leader's invocation ended: somebody else leads
      }
    }
  }

  #lead(key: string, work: () => Promise<unknown>): Promise<unknown> {
    const loading = work().finally(() => this.#loading.delete(key));
    this.#loading.set(key, loading);
    return loading;
  }

  async #lookUp(key: string, load: Load, times: Times, codec: Codec<unknown>, calls: ResourceCalls): Promise<unknown> {
    if (times.localMs > 0) this.#subscribe();
    const generation = this.#generation;
    const stored = await this.#read(key, calls);
    if (stored) {
      const now = Date.now();
      if (stored.freshUntil <= now) this.#renew(key, load, times, codec); // invariant 2
      return this.#keep(key, stored, times, codec, generation);
    }
    return await this.#load(key, load, times, codec, calls);
  }

  /** Loads under a claim, or waits for whoever holds it. */
  async #load(key: string, load: Load, times: Times, codec: Codec<unknown>, calls: ResourceCalls): Promise<unknown> {
    const claim = randomUUID();
    const generation = this.#generation;
    if (!(await this.#claim(key, claim, times, calls))) {
      const stored = await this.#awaitOther(key, times, calls);
      if (stored) return this.#keep(key, stored, times, codec, generation);
    }
    return await this.#loadClaimed(key, claim, load, times, codec, calls);
  }

  async #loadClaimed(
    key: string,
    claim: string,
    load: Load,
    times: Times,
    codec: Codec<unknown>,
    calls: ResourceCalls,
  ): Promise<unknown> {
    const generation = this.#generation;
    const value = await this.#loadOrUnclaim(key, load, calls);
    const present = value !== undefined;
    const lastsMs = present ? spread(times.ttlMs) : times.negativeMs;
    const bytes = present ? Buffer.from(codec.encode(value)) : Buffer.alloc(0);
    const entry: StoredEntry = { present, freshUntil: Date.now() + lastsMs, bytes };
    await this.#write(key, entry, claim, lastsMs + (present ? times.staleMs : 0), generation, calls);
    return this.#keep(key, entry, times, codec, generation);
  }

  /** A load that fails leaves the next one to whoever asks, at once. */
  async #loadOrUnclaim(key: string, load: Load, calls: ResourceCalls): Promise<unknown> {
    try {
      return await load(key);
    } catch (error) {
      await this.#execute({ delete: { keys: [claimKey(key)] } }, calls).catch(orEmpty);
      throw error;
    }
  }

  /** Invariant 5 for each of these three: a store that fails is as if it were empty. */
  async #read(key: string, calls: ResourceCalls): Promise<StoredEntry | undefined> {
    const { value } = await this.#execute({ get: { key: storeKey(key) } }, calls).catch(orEmpty);
    if (!value || value.length < HEADER_BYTES) return undefined;
    return { present: value[0] === 1, freshUntil: value.readDoubleBE(1), bytes: value.subarray(HEADER_BYTES) };
  }

  async #claim(key: string, claim: string, { claimMs }: Times, calls: ResourceCalls): Promise<boolean> {
    const set: CacheOperation['set'] = {
      key: claimKey(key),
      value: Buffer.from(claim),
      ttlMs: claimMs,
      condition: 'CACHE_CONDITION_IF_ABSENT',
    };
    const { applied = true } = await this.#execute({ set }, calls).catch(orEmpty);
    return applied ?? true;
  }

  /** Invariant 4: only while the claim is still ours; an invalidation removes it. */
  async #write(
    key: string,
    entry: StoredEntry,
    claim: string,
    ttlMs: number,
    generation: number,
    calls: ResourceCalls,
  ): Promise<void> {
    const held = await this.#execute({ get: { key: claimKey(key) } }, calls).catch(orEmpty);
    if (held.value?.toString() !== claim) return;
    if (generation !== this.#generation) {
      await this.#execute({ delete: { keys: [claimKey(key)] } }, calls).catch(orEmpty);
      return;
    }
    const header = Buffer.alloc(HEADER_BYTES);
    header[0] = entry.present ? 1 : 0;
    header.writeDoubleBE(entry.freshUntil, 1);
    const value = Buffer.concat([header, entry.bytes]);
    await this.#execute({ set: { key: storeKey(key), value, ttlMs: Math.max(1, Math.round(ttlMs)) } }, calls).catch(
      orEmpty,
    );
    await this.#execute({ delete: { keys: [claimKey(key)] } }, calls).catch(orEmpty);
  }

  /** What another pod's load stores, or undefined when its claim ran out first. */
  async #awaitOther(key: string, { claimMs }: Times, calls: ResourceCalls): Promise<StoredEntry | undefined> {
    const deadline = performance.now() + claimMs;
    for (let pauseMs = 5; performance.now() < deadline; pauseMs = Math.min(100, pauseMs * 2)) {
      await delay(pauseMs * (0.75 + Math.random() / 2));
      const stored = await this.#read(key, calls);
      if (stored) return stored;
      const { count } = await this.#execute({ exists: { keys: [claimKey(key)] } }, calls).catch(orEmpty);
      if (count !== '1') return await this.#read(key, calls);
    }
    return undefined;
  }

  #renew(key: string, load: Load, times: Times, codec: Codec<unknown>): void {
    queueMicrotask(() => {
      if (this.#loading.has(`renew:${key}`)) return;
      const work = async (): Promise<unknown> => {
        const claim = randomUUID();
        if (!(await this.#claim(key, claim, times, this.#own))) return undefined; // another pod renews it
        return await this.#loadClaimed(key, claim, load, times, codec, this.#own);
      };
      // A renewal that fails leaves the stale value to the next caller, who will try again.
      runInScope(this.#ownScope, () => this.#lead(`renew:${key}`, work)).catch(() => {});
    });
  }

  /** Decodes an entry and remembers it here. */
  #keep(key: string, entry: StoredEntry, { localMs }: Times, codec: Codec<unknown>, generation: number): unknown {
    const value = entry.present ? frozen(codec.decode(Buffer.from(entry.bytes))) : undefined;
    if (localMs > 0 && this.#subscribed && generation === this.#generation) {
      this.#local.delete(key); // to the end: the first ones are the oldest
      this.#local.set(key, { answer: Promise.resolve(value), until: Math.min(Date.now() + localMs, entry.freshUntil) });
      if (this.#local.size > MAX_LOCAL_KEYS) this.#local.delete(this.#local.keys().next().value ?? key);
    }
    return value;
  }

  #forget(keys: readonly string[]): void {
    this.#generation += 1;
    for (const key of keys) this.#local.delete(key);
  }

  /** Invariant 3. Starts once and goes on as long as the process. */
  #subscribe(): void {
    if (this.#subscribing) return;
    this.#subscribing = true;
    void this.#follow();
  }

  async #follow(): Promise<void> {
    for (;;) {
      try {
        for await (const { channel, payload } of this.#own.answers(this.#methods.Subscribe, {
          channels: [CHANNEL],
        })) {
          if (channel === '') this.#subscribed = true;
          else this.#forget(JSON.parse(payload.toString()) as string[]);
        }
      } catch (error) {
        // Not subscribed: the local level is not used. A resource that cannot be subscribed to never will be.
        if (error instanceof BottleError && PERMANENT.has(error.code)) return;
      } finally {
        this.#subscribed = false;
        this.#local.clear();
      }
      await delay(RESUBSCRIBE_MS * (0.75 + Math.random() / 2), undefined, { ref: false });
    }
  }

  #timesOf(options: ThroughOptions): Times {
    let times = this.#times.get(options);
    if (!times) {
      const ttlMs = toMs(options.ttl);
      times = {
        ttlMs,
        staleMs: toMs(options.stale ?? 0),
        localMs: options.local === false ? 0 : toMs(options.local ?? Math.min(1, ttlMs / 1_000)),
        negativeMs: toMs(options.negative ?? Math.min(5, ttlMs / 1_000)),
        claimMs: toMs(options.claim ?? 5),
      };
      this.#times.set(options, times);
    }
    return times;
  }

  #execute(operation: CacheOperation, calls: ResourceCalls = this.#calls): Promise<CacheResult__Output> {
    return calls.unary(this.#methods.Execute, operation);
  }
}

const PERMANENT: ReadonlySet<Code> = new Set([Code.PERMISSION_DENIED, Code.NOT_FOUND, Code.UNIMPLEMENTED]);
const OUTAGES: ReadonlySet<Code> = new Set([Code.UNAVAILABLE, Code.RESOURCE_EXHAUSTED]);

function orEmpty(error: unknown): Partial<CacheResult__Output> {
  const timedOut = error instanceof BottleError && error.reason === 'resource-timeout';
  if (error instanceof BottleError && (timedOut || OUTAGES.has(error.code))) return {};
  throw error;
}

function isGivenUp(error: unknown): boolean {
  return error instanceof BottleError && (error.code === Code.CANCELLED || error.reason === 'deadline');
}

/** Up to a tenth less. */
function spread(ms: number): number {
  return ms * (1 - Math.random() / 10);
}

function storeKey(key: string): string {
  return `through:${key}`;
}

function claimKey(key: string): string {
  return `claim:${key}`;
}

/** Callers share what the local level hands out, so none may change it. Bytes cannot be frozen. */
function frozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value;
  for (const child of Object.values(value)) frozen(child);
  return Object.freeze(value);
}
