import type { CacheDriver } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import { decodeEntry, encodeEntry, type Entry } from './stored-answer.ts';

/** Longest wait for one answer of the cache, in milliseconds. */
const CALL_TIMEOUT_MS = 2_000;

/**
 * Entries in a cache resource. A key has one value, so whoever changes it knows what stood there before.
 * Every method throws UNAVAILABLE `idempotency-unavailable` when the cache does not answer.
 */
export class EntryStore {
  readonly #resource: string;
  readonly #open: () => Promise<CacheDriver>;

  constructor(resource: string, open: () => Promise<CacheDriver>) {
    this.#resource = resource;
    this.#open = open;
  }

  /** Puts the entry where there is none; false: there is one. */
  put(key: string, entry: Entry, ttlMs: number): Promise<boolean> {
    const args = [encodeEntry(entry), 'PX', String(ttlMs), 'NX'];
    return this.#call(async (driver) => (await driver.command({ name: 'SET', keys: [key], args })) !== null);
  }

  read(key: string): Promise<Entry | undefined> {
    return this.#call(async (driver) => {
      const bytes = (await driver.command({ name: 'GET', keys: [key], args: [] })) as Buffer | null;
      return bytes === null ? undefined : decodeEntry(bytes);
    });
  }

  /** Puts `next` in place of `entry`, or just removes that; false: something else stands there, or nothing. */
  replace(key: string, entry: Entry, next: { entry: Entry; ttlMs: number } | undefined): Promise<boolean> {
    const change = next && { value: encodeEntry(next.entry), ttlMs: next.ttlMs };
    return this.#call((driver) => driver.compareAndSet(key, encodeEntry(entry), change));
  }

  async #call<Result>(work: (driver: CacheDriver) => Promise<Result>): Promise<Result> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error(`no answer within ${CALL_TIMEOUT_MS} ms`)), CALL_TIMEOUT_MS);
    try {
      return await Promise.race([this.#open().then(work), late]);
    } catch (thrown) {
      const message = `cache.${this.#resource}, which keeps the idempotency keys, failed: ${(thrown as Error).message}`;
      throw new BottleError(Code.UNAVAILABLE, 'idempotency-unavailable', message, { details: { retryAfterSec: 1 } });
    } finally {
      clearTimeout(timer);
    }
  }
}
