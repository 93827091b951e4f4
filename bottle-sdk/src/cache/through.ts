// Read-through caching in two levels: this process, and the store that all pods share.
//  1. One load at a time for each key in this process, and (by a claim in the store) across pods.
//  2. A value older than `ttl` but younger than `ttl + stale` is served while one renewal runs.
//  3. The local level is trusted only while the subscription to invalidations stands; when it breaks, it is emptied.
//  4. A load that began before an invalidation does not store what it found.
//  5. A store that does not answer makes the cache useless, not the function: the value is loaded.
//  6. What somebody else has put under a key of its own is no answer: the value is loaded, and put in its place.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  BottleError,
  type CacheOperation,
  type CacheResult__Output,
  CallError,
  Code,
  definitionOf,
} from '@bottle/protos';
import { type Duration, toMs } from '../duration.ts';
import type { ResourceCalls } from '../resource-calls.ts';
import { type BottleScope, runInScope } from '../scope.ts';
import type { Codec } from './codecs.ts';
import { encodeEntry, type Known, knownOf, readEntry, type StoredEntry } from './stored-entry.ts';
import { ttlMsOf } from './ttl.ts';

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
  /**
   * What becomes of something under the key that `through` has not stored, or not by this codec: the value is loaded and put
   * in its place, or the call fails (`foreign-value`). @default 'load'
   */
  foreign?: 'load' | 'fail';
}

type Load = (key: string) => Promise<unknown>;

interface Terms {
  ttlMs: number;
  staleMs: number;
  localMs: number;
  negativeMs: number;
  claimMs: number;
  foreign: 'load' | 'fail';
}

interface LocalEntry {
  /** Resolved: handing the same one out costs nothing. */
  answer: Promise<unknown>;
  /** What it is for another codec only the store says. */
  codec: Codec<unknown>;
  /** On the clock of performance.now(), which nobody sets. */
  until: number;
}

interface Loading {
  value: Promise<unknown>;
  codec: Codec<unknown>;
}

const CHANNEL = 'bottle:invalidate';
const MAX_LOCAL_KEYS = 10_000;
const RESUBSCRIBE_MS = 200;

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
  readonly #loading = new Map<string, Loading>();
  readonly #renewing = new Set<string>();
  readonly #terms = new WeakMap<ThroughOptions, Terms>();
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
    const entry = options.local === false ? undefined : this.#local.get(key);
    if (entry?.codec === codec && this.#subscribed && entry.until > performance.now()) return entry.answer;
    return this.#obtain(key, load, options, codec);
  }

  async invalidate(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    this.#forget(keys);
    await this.#execute({ delete: { keys: keys.flatMap((key) => [storeKey(key), claimKey(key)]) } });
    await this.#execute({ publish: { channel: CHANNEL, payload: Buffer.from(JSON.stringify(keys)) } });
  }

  /** Invariant 1: joins the load under way, or leads one. */
  async #obtain(key: string, load: Load, options: ThroughOptions, codec: Codec<unknown>): Promise<unknown> {
    const terms = this.#termsOf(options);
    for (;;) {
      const loading = this.#loading.get(key);
      const lookUp = (): Promise<unknown> => this.#lookUp(key, load, terms, codec, this.#calls);
      if (!loading) return await this.#lead(key, codec, lookUp);
      if (loading.codec !== codec) return await lookUp();
      try {
        return await loading.value;
      } catch (error) {
        if (!isGivenUp(error)) throw error; // the leader's invocation ended: somebody else leads
      }
    }
  }

  #lead(key: string, codec: Codec<unknown>, work: () => Promise<unknown>): Promise<unknown> {
    const value = work().finally(() => this.#loading.delete(key));
    this.#loading.set(key, { value, codec });
    return value;
  }

  async #lookUp(key: string, load: Load, terms: Terms, codec: Codec<unknown>, calls: ResourceCalls): Promise<unknown> {
    if (terms.localMs > 0) this.#subscribe();
    const generation = this.#generation;
    const known = await this.#read(key, terms, codec, calls);
    if (known) {
      if (known.freshUntil <= Date.now()) this.#renew(key, load, terms, codec); // invariant 2
      return this.#keep(key, known, terms, codec, generation);
    }
    return await this.#load(key, load, terms, codec, calls);
  }

  /** Loads under a claim, or waits for whoever holds it. */
  async #load(key: string, load: Load, terms: Terms, codec: Codec<unknown>, calls: ResourceCalls): Promise<unknown> {
    const claim = randomUUID();
    const generation = this.#generation;
    if (!(await this.#claim(key, claim, terms, calls))) {
      const known = await this.#awaitOther(key, terms, codec, calls);
      if (known) return this.#keep(key, known, terms, codec, generation);
    }
    return await this.#loadClaimed(key, claim, load, terms, codec, calls);
  }

  async #loadClaimed(
    key: string,
    claim: string,
    load: Load,
    terms: Terms,
    codec: Codec<unknown>,
    calls: ResourceCalls,
  ): Promise<unknown> {
    const generation = this.#generation;
    const value = await this.#loadOrUnclaim(key, load, calls);
    const present = value !== undefined;
    const lastsMs = present ? spread(terms.ttlMs) : terms.negativeMs;
    const bytes = present ? Buffer.from(codec.encode(value)) : Buffer.alloc(0);
    const entry: StoredEntry = { present, freshUntil: Date.now() + lastsMs, bytes };
    await this.#write(key, entry, claim, lastsMs + (present ? terms.staleMs : 0), generation, calls);
    return this.#keep(key, knownOf(entry, codec), terms, codec, generation);
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
  async #read(key: string, terms: Terms, codec: Codec<unknown>, calls: ResourceCalls): Promise<Known | undefined> {
    const stored = await this.#execute({ get: { key: storeKey(key) } }, calls).then(({ value }) => value, bytesAt);
    if (!stored) return undefined;
    const known = readEntry(stored, codec);
    if (known || terms.foreign === 'load') return known; // invariant 6
    const message = `"${storeKey(key)}" in cache.${this.#calls.resource} is nothing that through has stored`;
    throw new CallError(Code.FAILED_PRECONDITION, 'foreign-value', message, { details: { key } });
  }

  async #claim(key: string, claim: string, { claimMs }: Terms, calls: ResourceCalls): Promise<boolean> {
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
    const value = encodeEntry(entry);
    await this.#execute({ set: { key: storeKey(key), value, ttlMs: Math.max(1, Math.round(ttlMs)) } }, calls).catch(
      orEmpty,
    );
    await this.#execute({ delete: { keys: [claimKey(key)] } }, calls).catch(orEmpty);
  }

  /** What another pod's load stores, or undefined when its claim ran out first. */
  async #awaitOther(
    key: string,
    terms: Terms,
    codec: Codec<unknown>,
    calls: ResourceCalls,
  ): Promise<Known | undefined> {
    const deadline = performance.now() + terms.claimMs;
    for (let pauseMs = 5; performance.now() < deadline; pauseMs = Math.min(100, pauseMs * 2)) {
      await delay(pauseMs * (0.75 + Math.random() / 2));
      const known = await this.#read(key, terms, codec, calls);
      if (known) return known;
      const { count } = await this.#execute({ exists: { keys: [claimKey(key)] } }, calls).catch(orEmpty);
      if (count !== '1') return await this.#read(key, terms, codec, calls);
    }
    return undefined;
  }

  #renew(key: string, load: Load, terms: Terms, codec: Codec<unknown>): void {
    queueMicrotask(() => {
      if (this.#renewing.has(key)) return;
      this.#renewing.add(key);
      const work = async (): Promise<unknown> => {
        const claim = randomUUID();
        if (!(await this.#claim(key, claim, terms, this.#own))) return undefined; // another pod renews it
        return await this.#loadClaimed(key, claim, load, terms, codec, this.#own);
      };
      // A renewal that fails leaves the stale value to the next caller, who will try again.
      const renewed = runInScope(this.#ownScope, work).catch(() => {});
      void renewed.finally(() => this.#renewing.delete(key));
    });
  }

  /** Remembers it here. */
  #keep(
    key: string,
    { value, freshUntil }: Known,
    { localMs }: Terms,
    codec: Codec<unknown>,
    generation: number,
  ): unknown {
    if (localMs > 0 && this.#subscribed && generation === this.#generation) {
      this.#local.delete(key); // to the end: the first ones are the oldest
      const until = performance.now() + Math.min(localMs, freshUntil - Date.now());
      this.#local.set(key, { answer: Promise.resolve(value), codec, until });
      if (this.#local.size > MAX_LOCAL_KEYS) this.#local.delete(this.#local.keys().next().value ?? key);
    }
    return value;
  }

  /** Undefined: all. */
  #forget(keys: readonly string[] | undefined): void {
    this.#generation += 1;
    if (!keys) return this.#local.clear();
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
          else this.#forget(keysOf(payload));
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

  #termsOf(options: ThroughOptions): Terms {
    let terms = this.#terms.get(options);
    if (!terms) {
      const ttlMs = ttlMsOf(options.ttl);
      terms = {
        ttlMs,
        staleMs: toMs(options.stale ?? 0),
        localMs: options.local === false ? 0 : toMs(options.local ?? Math.min(1, ttlMs / 1_000)),
        negativeMs: toMs(options.negative ?? Math.min(5, ttlMs / 1_000)),
        claimMs: toMs(options.claim ?? 5),
        foreign: options.foreign ?? 'load',
      };
      this.#terms.set(options, terms);
    }
    return terms;
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

/** What a failed GET says of the key: a list or a hash is no entry, of an outage nothing is known. */
function bytesAt(error: unknown): Buffer | undefined {
  if (error instanceof BottleError && error.details['driverCode'] === 'WRONGTYPE') return Buffer.alloc(0);
  orEmpty(error);
  return undefined;
}

/** The keys that an invalidation names. Undefined: it is none that can be read. */
function keysOf(payload: Buffer): string[] | undefined {
  try {
    const keys: unknown = JSON.parse(payload.toString());
    return Array.isArray(keys) ? (keys as string[]) : undefined;
  } catch {
    return undefined;
  }
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
