import { setTimeout as delay } from 'node:timers/promises';
import type { EntryStore } from './entry-store.ts';
import type { Entry } from './stored-answer.ts';

/** Pauses between two looks, in milliseconds: short at first, for work that is quick. */
const FIRST_PAUSE_MS = 5;
const MAX_PAUSE_MS = 250;
const GROWTH = 1.3;

interface Watch {
  /** Settles when nobody works on the key any more: with its answer, or undefined when there is none. */
  ended: Promise<Extract<Entry, { state: 'done' }> | undefined>;
  waiting: number;
  /** Ends the pause. */
  wake: AbortController;
}

/** Looks after keys that somebody works on: one look for all who wait for the same key in this pod. */
export class EntryWatches {
  readonly #watches = new Map<string, Watch>();

  /** Call `leave` once, when it is no longer waited for. */
  join(key: string, store: EntryStore): { ended: Watch['ended']; leave(): void } {
    const watch = this.#watches.get(key) ?? this.#start(key, store);
    watch.waiting += 1;
    return {
      ended: watch.ended,
      leave: () => {
        watch.waiting -= 1;
        if (watch.waiting === 0) watch.wake.abort();
      },
    };
  }

  /** The work on the key ended in this pod. */
  wake(key: string): void {
    this.#watches.get(key)?.wake.abort();
  }

  #start(key: string, store: EntryStore): Watch {
    const watch: Watch = { ended: Promise.resolve(undefined), waiting: 0, wake: new AbortController() };
    this.#watches.set(key, watch);
    watch.ended = this.#look(watch, key, store).finally(() => this.#watches.delete(key));
    watch.ended.catch(() => {}); // those who wait have their own
    return watch;
  }

  async #look(watch: Watch, key: string, store: EntryStore): Watch['ended'] {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * GROWTH, MAX_PAUSE_MS)) {
      await delay(pauseMs, undefined, { signal: watch.wake.signal, ref: false }).catch(() => {});
      if (watch.waiting === 0) return undefined;
      if (watch.wake.signal.aborted) watch.wake = new AbortController();
      const entry = await store.read(key);
      if (entry?.state !== 'running') return entry;
    }
  }
}
