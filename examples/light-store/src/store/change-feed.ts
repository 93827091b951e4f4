// Invariants:
//  1. The ticker runs exactly while somebody listens, however listeners come and go.
//  2. A listener holds at most one change per item and kind: a slow reader misses versions, never the latest one.
import type { Change } from './catalogue.ts';

/** A reader of the feed and what it has not read yet. */
interface Listener {
  pending: Map<string, Change>;
  wake(): void;
}

export interface ChangeFeedOptions {
  /** Milliseconds between two ticks. */
  tickMs: number;
  /** Called on every tick, while somebody listens. */
  onTick(): void;
}

/** Passes changes on to everybody who listens. */
export class ChangeFeed {
  readonly #options: ChangeFeedOptions;
  readonly #listeners = new Set<Listener>();
  #ticker: NodeJS.Timeout | undefined;

  constructor(options: ChangeFeedOptions) {
    this.#options = options;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  publish(change: Change): void {
    for (const listener of this.#listeners) {
      listener.pending.set(`${change.event} ${change.data.id}`, change); // invariant 2
      listener.wake();
    }
  }

  /** The changes from now on, until the signal aborts or the reader leaves. */
  async *listen(signal: AbortSignal): AsyncGenerator<Change> {
    let woken = Promise.withResolvers<void>();
    const listener: Listener = { pending: new Map(), wake: () => woken.resolve() };
    signal.addEventListener('abort', listener.wake);
    this.#add(listener);
    try {
      while (!signal.aborted) {
        const changes = [...listener.pending.values()];
        listener.pending.clear();
        yield* changes;
        if (listener.pending.size === 0 && !signal.aborted) await woken.promise;
        woken = Promise.withResolvers<void>();
      }
    } finally {
      signal.removeEventListener('abort', listener.wake);
      this.#remove(listener);
    }
  }

  #add(listener: Listener): void {
    this.#listeners.add(listener);
    this.#ticker ??= setInterval(() => this.#options.onTick(), this.#options.tickMs); // invariant 1
  }

  #remove(listener: Listener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }
}
