// Runs a request with a key once and gives its answer to all who repeat it, in every pod that shares the cache.
//  1. Whoever puts the claim runs; the others wait for what becomes of it, each no longer than its deadline.
//  2. The answer is stored before its receiver has the whole of it.
//  3. A claim ends with an answer, or is released, or expires LEASE_MS after its pod died: then one who waits runs.
//  4. Without the cache nothing runs: the promise comes before the availability.
import type { CacheDriver } from '@bottle/capabilities';
import { BottleError, Code, type FunctionTable__Output, type Idempotency__Output } from '@bottle/protos';
import { errorOfCancel, type Loaded, type Outcome } from '../layer.ts';
import { Claim, LEASE_MS } from './claim.ts';
import { EntryStore } from './entry-store.ts';
import { EntryWatches } from './entry-watches.ts';
import { type IdempotentRequest, idempotentRequestOf } from './idempotent-request.ts';
import { answerOf, answerOfError } from './kept-answers.ts';
import { recorded } from './recorded-outcome.ts';
import { type Answer, type Entry, replayOf } from './stored-answer.ts';

type Respond = (outcome: Outcome) => Promise<void> | void;

/** How a request under a rule ended: it ran, it got the answer of another, or it was refused. */
type IdempotencyResult = 'run' | 'replayed' | 'refused';

export interface IdempotencyOptions {
  /** The driver of a `cache` resource. Throws BottleError when there is no such resource. */
  openCache(resource: string): Promise<CacheDriver>;
  /** The service that the functions belong to. */
  service(): string;
  /** For claims; unique in all pods. */
  nextId(): string;
  /** Most repeats of one function that wait. */
  maxWaitingPerFunction: number;
  observe(functionName: string, result: IdempotencyResult): void;
  log: Record<'warn' | 'error', (fields: object, message: string) => void>;
}

export class Idempotency {
  readonly #options: IdempotencyOptions;
  readonly #stores = new Map<string, EntryStore>();
  readonly #watches = new EntryWatches();
  /** Repeats that wait, by function. */
  readonly #waiting = new Map<string, number>();

  constructor(options: IdempotencyOptions) {
    this.#options = options;
  }

  /** Opens the caches that the functions' rules name, so that a mistake shows in the log before the first request. */
  applyTable(table: FunctionTable__Output): void {
    const rules = table.functions.flatMap(({ http, mq, rpc, cloudEvents, gateway }) =>
      [...http, ...mq, ...rpc, ...cloudEvents, ...gateway].flatMap(({ idempotency }) => idempotency ?? []),
    );
    for (const resource of new Set(rules.map((rule) => rule.resource))) {
      this.#options.openCache(resource).catch((error: unknown) => {
        this.#options.log.error({ err: error, resource: `cache.${resource}` }, 'idempotency keys cannot be kept');
      });
    }
  }

  /** Responds with the stored answer, or `run`s the request and stores what it comes to. */
  async answer(
    loaded: Loaded,
    rule: Idempotency__Output,
    respond: Respond,
    run: (loaded: Loaded, respond: Respond) => Promise<void>,
  ): Promise<void> {
    const { observe, service } = this.#options;
    const { name } = loaded.function;
    let result: IdempotencyResult = 'refused';
    try {
      const request = idempotentRequestOf(loaded, rule, service());
      if (!request) {
        result = 'run';
        return await run(loaded, respond);
      }
      const claimed = await this.#claim(loaded, request);
      if (claimed instanceof Claim) {
        result = 'run';
        return await this.#runClaimed(claimed, loaded, request, respond, run);
      }
      result = 'replayed';
      loaded.invocation.clearDeadline();
      await respond(replayOf(claimed));
    } finally {
      observe(name, result);
    }
  }

  /** The right to run, or the answer of whoever had it. */
  async #claim(loaded: Loaded, { rule, key, print }: IdempotentRequest): Promise<Claim | Answer> {
    const { log, nextId } = this.#options;
    const store = this.#storeOf(rule.resource);
    const entry = { state: 'running', print, owner: nextId() } as const;
    const onTrouble = (error: unknown, message: string): void =>
      log.warn({ err: error, function: loaded.function.name }, message);
    for (;;) {
      loaded.invocation.throwIfCancelled();
      if (await store.put(key, entry, LEASE_MS)) {
        return new Claim({ store, key, entry, ttlMs: Number(rule.ttlMs), onTrouble });
      }
      const found = await this.#found(loaded, store, key, print);
      if (found?.state === 'running' && found.owner === entry.owner) {
        // Put twice, because the answer to the first command was lost.
        return new Claim({ store, key, entry, ttlMs: Number(rule.ttlMs), onTrouble });
      }
      const done = found?.state === 'running' ? await this.#untilEnded(loaded, store, key) : found;
      if (done) {
        assertSame(done, print);
        return done.answer;
      }
    }
  }

  async #found(loaded: Loaded, store: EntryStore, key: string, print: string): Promise<Entry | undefined> {
    const found = await store.read(key);
    loaded.invocation.throwIfCancelled();
    if (found) assertSame(found, print);
    return found;
  }

  async #untilEnded(
    { invocation, function: { name } }: Loaded,
    store: EntryStore,
    key: string,
  ): Promise<Extract<Entry, { state: 'done' }> | undefined> {
    const { maxWaitingPerFunction } = this.#options;
    const waiting = this.#waiting.get(name) ?? 0;
    if (waiting >= maxWaitingPerFunction) {
      const message = `${waiting} repeats of requests to ${name} wait already`;
      throw new BottleError(Code.UNAVAILABLE, 'repeats-full', message, { details: { retryAfterSec: 1 } });
    }
    this.#waiting.set(name, waiting + 1);
    const { ended, leave } = this.#watches.join(key, store);
    const { promise: cancelled, reject } = Promise.withResolvers<never>();
    invocation.onCancel = (reason) => reject(errorOfCancel(reason));
    try {
      return await Promise.race([ended, cancelled]);
    } finally {
      invocation.onCancel = undefined;
      leave();
      this.#stopWaiting(name);
    }
  }

  #stopWaiting(name: string): void {
    const left = (this.#waiting.get(name) ?? 1) - 1;
    if (left > 0) this.#waiting.set(name, left);
    else this.#waiting.delete(name);
  }

  async #runClaimed(
    claim: Claim,
    loaded: Loaded,
    { key }: IdempotentRequest,
    respond: Respond,
    run: (loaded: Loaded, respond: Respond) => Promise<void>,
  ): Promise<void> {
    const { invocation } = loaded;
    let isSettled = false;
    const settle = async (answer: Answer | undefined): Promise<void> => {
      isSettled = true;
      await (answer ? claim.finish(answer) : claim.release());
      this.#watches.wake(key);
    };
    try {
      await run(loaded, async (outcome) => {
        const seen = await recorded(outcome, (body) =>
          settle(body ? answerOf(outcome, body, invocation) : { kind: 'unkept' }),
        );
        await respond(seen);
      });
      if (!isSettled) await settle(undefined); // the body broke off, or nobody read it
    } catch (thrown) {
      if (!isSettled) await settle(answerOfError(thrown, invocation));
      throw thrown;
    }
  }

  #storeOf(resource: string): EntryStore {
    const known = this.#stores.get(resource);
    if (known) return known;
    const store = new EntryStore(resource, () => this.#options.openCache(resource));
    this.#stores.set(resource, store);
    return store;
  }
}

function assertSame(entry: Entry, print: string): void {
  if (entry.print === print) return;
  const message = 'this idempotency key belongs to another request';
  throw new BottleError(Code.INVALID_ARGUMENT, 'idempotency-key-reused', message, { httpStatus: 422 });
}
