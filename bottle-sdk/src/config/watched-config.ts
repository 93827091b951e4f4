import type { ResourceCalls } from '../resource-calls.ts';
import { runInScope } from '../scope.ts';
import { WatchedValue } from './watched-value.ts';

/** Keys of a resource that a process keeps current; beyond, the one it asked for first is forgotten. */
const MAX_WATCHED_KEYS = 1_000;
const FOREVER = { timeoutMs: Number.POSITIVE_INFINITY, signal: undefined };

/** What this process knows of a resource, one for all invocations. */
export function watchedConfigOf(calls: ResourceCalls): WatchedConfig {
  const { process } = calls.scope;
  const key = `${calls.capability}:${calls.resource}`;
  return process.shared(key, () => new WatchedConfig(calls.inScope(process.derive(FOREVER))));
}

/** The values that were asked for, each kept current by a watch of its own. */
export class WatchedConfig {
  readonly #own: ResourceCalls;
  readonly #values = new Map<string, WatchedValue>();

  constructor(own: ResourceCalls) {
    this.#own = own;
  }

  /** The value of a key, watched from now on. */
  of(key: string): WatchedValue {
    const known = this.#values.get(key);
    if (known) return known;
    const [oldest] = this.#values.keys();
    if (oldest !== undefined && this.#values.size >= MAX_WATCHED_KEYS) {
      this.#values.get(oldest)?.close();
      this.#values.delete(oldest);
    }
    // The watch belongs to the process, not to the invocation that happens to be the first.
    const value: WatchedValue = runInScope(
      this.#own.scope,
      () =>
        new WatchedValue(this.#own, key, () => {
          if (this.#values.get(key) === value) this.#values.delete(key);
        }),
    );
    this.#values.set(key, value);
    return value;
  }

  /** The same, where it is watched already. */
  find(key: string): WatchedValue | undefined {
    return this.#values.get(key);
  }
}
