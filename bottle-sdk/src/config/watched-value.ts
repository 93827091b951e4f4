// One key of a resource as this process knows it.
//  1. What a watch has told is current until that watch is refused; without a watch every question is a call.
//  2. Each function asks once by itself: that call is what its grant is checked with.
//  3. A value that a schema refuses is never handed out: the newest one before it that passes is.
import { setTimeout as delay } from 'node:timers/promises';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { BottleError, CallError, Code, type ConfigEntry__Output, definitionOf } from '@bottle/protos';
import type { CallOptions, ResourceCalls } from '../resource-calls.ts';
import { checkValue, configInvalid, describeInvalid, findGood, type Good, type ReportInvalid } from './check-value.ts';
import { follow, isOutage } from './follow.ts';

/** How soon a watch that was refused is tried again: a grant may have come. */
const REFUSED_RETRY_MS = 5_000;

/** What a schema made of the current entry. */
interface Held {
  entry: ConfigEntry__Output;
  outcome: Promise<unknown>;
  good: Good | undefined;
}

export class WatchedValue {
  readonly #key: string;
  /** Calls that belong to the process. */
  readonly #own: ResourceCalls;
  readonly #closing = new AbortController();
  readonly #admitted = new Set<string>();
  readonly #loading = new Map<string, Promise<void>>();
  #entry: ConfigEntry__Output | undefined;
  #isWatched = false;
  #held = new WeakMap<StandardSchemaV1, Held>();
  /** The last value that passed whatever schema, for those that are made anew each time. */
  #goodJson: string | undefined;

  constructor(own: ResourceCalls, key: string, onClosed: () => void) {
    this.#own = own;
    this.#key = key;
    void this.#watch().finally(onClosed);
  }

  close(): void {
    this.#closing.abort();
  }

  /** What the schema makes of the value now. Throws NOT_FOUND `no-value`, FAILED_PRECONDITION `config-invalid`. */
  async get(
    calls: ResourceCalls,
    schema: StandardSchemaV1,
    report: ReportInvalid,
    options: CallOptions | undefined,
  ): Promise<unknown> {
    const caller = calls.scope.caller ?? '';
    if (!this.#isWatched || !this.#admitted.has(caller)) await this.#load(caller, calls, options);
    const entry = this.#entry ?? absent(this.#key);
    const before = this.#held.get(schema);
    if (before?.entry === entry) return await before.outcome;
    const held: Held = { entry, outcome: Promise.resolve(), good: before?.good };
    held.outcome = this.#resolve(held, schema, report);
    this.#held.set(schema, held);
    return await held.outcome;
  }

  /** Takes over what a call has told, or the watch. */
  accept(entry: ConfigEntry__Output): void {
    const known = this.#entry;
    if (known && known.revision === entry.revision && known.valueJson === entry.valueJson) return;
    this.#entry = entry;
    if (entry.valueJson !== undefined) return;
    this.#goodJson = undefined;
    this.#held = new WeakMap();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        for await (const entry of follow(this.#own, this.#key, signal)) {
          this.accept(entry);
          this.#isWatched = true;
        }
      } catch (error) {
        if (signal.aborted || (error instanceof BottleError && error.code === Code.CANCELLED)) return;
        this.#isWatched = false; // invariant 1
      }
      await delay(REFUSED_RETRY_MS, undefined, { ref: false, signal }).catch(() => {});
    }
  }

  /** Invariant 2. Questions of one function that come at the same time are one call. */
  async #load(caller: string, calls: ResourceCalls, options: CallOptions | undefined): Promise<void> {
    for (;;) {
      const loading = this.#loading.get(caller);
      if (!loading) return await this.#lead(caller, calls, options);
      try {
        return await loading;
      } catch (error) {
        if (!isGivenUp(error)) throw error; // the leader's invocation ended: somebody else leads
      }
    }
  }

  #lead(caller: string, calls: ResourceCalls, options: CallOptions | undefined): Promise<void> {
    const loading = this.#ask(calls, options)
      .then(() => void this.#admitted.add(caller))
      .finally(() => this.#loading.delete(caller));
    this.#loading.set(caller, loading);
    return loading;
  }

  async #ask(calls: ResourceCalls, options: CallOptions | undefined): Promise<void> {
    try {
      const entry = await calls.unary(definitionOf('config').Get, { key: this.#key }, options);
      if (!this.#isWatched) this.accept(entry);
    } catch (error) {
      const isAbsent = error instanceof BottleError && error.reason === 'no-value';
      // An outage comes after the grant: what is known is as good as it gets.
      if (!isAbsent && !(this.#isWatched && isOutage(error))) throw error;
      if (isAbsent && !this.#isWatched) this.accept(absent(this.#key));
    }
  }

  /** Invariant 3. */
  async #resolve(held: Held, schema: StandardSchemaV1, report: ReportInvalid): Promise<unknown> {
    const { entry } = held;
    if (entry.valueJson === undefined) throw noValue(entry.key);
    const checked = await checkValue(schema, entry.valueJson);
    if (checked.good) {
      this.#goodJson = entry.valueJson;
      held.good = checked.good;
      return checked.good.value;
    }
    const invalid = describeInvalid(`${this.#own.capability}.${this.#own.resource}`, entry, checked.issues);
    report(invalid);
    const goodJson = this.#goodJson;
    const found = await findGood(this.#own, entry, schema).catch(() => {
      this.#held.delete(schema); // asked again next time
      return undefined;
    });
    held.good = found ?? held.good ?? (goodJson === undefined ? undefined : (await checkValue(schema, goodJson)).good);
    if (held.good) return held.good.value;
    throw configInvalid(invalid);
  }
}

/** There is no such key, or no value any more. */
export function noValue(key: string): BottleError {
  return new CallError(Code.NOT_FOUND, 'no-value', `"${key}" has no value`, { details: { key } });
}

function absent(key: string): ConfigEntry__Output {
  return { key, revision: '0', changedAtMs: '0', changedBy: '' };
}

function isGivenUp(error: unknown): boolean {
  return error instanceof BottleError && (error.code === Code.CANCELLED || error.reason === 'deadline');
}
