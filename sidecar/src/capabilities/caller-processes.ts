import type { CallerProcess } from '@bottle/capabilities';

/** A process with the streams by which it calls, and what it holds. */
class Caller implements CallerProcess {
  streams = 0;
  isGone = false;
  readonly #held = new Map<string, () => Promise<unknown>>();

  holds(what: string, giveBack: () => Promise<unknown>): void {
    if (this.isGone) void giveBack().catch(() => {});
    else this.#held.set(what, giveBack);
  }

  holdsNoMore(what: string): void {
    this.#held.delete(what);
  }

  /** What cannot be given back ends with its lease. */
  gone(): void {
    this.isGone = true;
    for (const giveBack of this.#held.values()) void giveBack().catch(() => {});
    this.#held.clear();
  }
}

/**
 * The function processes that make bottle calls. One is gone when its last stream is, and the channel to it: one that lives
 * replaces a stream that has been silent, and keeps the channel meanwhile.
 */
export class CallerProcesses {
  readonly #callers = new Map<string, Caller>();
  readonly #isServing: (instanceId: string) => boolean;

  constructor(isServing: (instanceId: string) => boolean) {
    this.#isServing = isServing;
  }

  of(instanceId: string): CallerProcess | undefined {
    return this.#callers.get(instanceId);
  }

  opened(instanceId: string): void {
    if (instanceId === '') return; // nobody could tell it from another one
    const caller = this.#callers.get(instanceId) ?? new Caller();
    caller.streams += 1;
    this.#callers.set(instanceId, caller);
  }

  closed(instanceId: string): void {
    const caller = this.#callers.get(instanceId);
    if (caller) caller.streams -= 1;
    this.look(instanceId);
  }

  /** A stream of it, or the channel to it, has ended. */
  look(instanceId: string): void {
    const caller = this.#callers.get(instanceId);
    if (!caller || caller.streams > 0 || this.#isServing(instanceId)) return;
    this.#callers.delete(instanceId);
    caller.gone();
  }
}
