import type { SharedState } from '@bottle/capabilities';
import type { SharedClock } from './shared-clock.ts';

export interface PodPresenceOptions {
  state: SharedState;
  clock: SharedClock;
  group: string;
  pod: string;
  leaseMs: number;
}

/** This pod among the others, for as long as it says so again within its lease. */
export class PodPresence {
  readonly #options: PodPresenceOptions;
  #members: readonly string[] = [];
  #certainUntil = Number.NEGATIVE_INFINITY;
  #beating: Promise<readonly string[]> | undefined;
  /** It may be known to others. */
  #hasBeaten = false;

  constructor(options: PodPresenceOptions) {
    this.#options = options;
  }

  /** Everybody who was there at the last beat, in the order of their names. */
  get members(): readonly string[] {
    return this.#members;
  }

  /** Nobody can take this pod for gone yet. After a pause of the process it is not. */
  get isCertain(): boolean {
    return this.#options.clock.elapsedMs < this.#certainUntil;
  }

  /** Says that this pod is there; resolves with everybody who is. The store's time comes along. */
  beat(): Promise<readonly string[]> {
    this.#beating ??= this.#beat().finally(() => (this.#beating = undefined));
    return this.#beating;
  }

  async leave(): Promise<void> {
    if (!this.#hasBeaten) return;
    const { state, group, pod } = this.#options;
    this.#certainUntil = Number.NEGATIVE_INFINITY;
    await this.#beating?.catch(() => {}); // or it would be there again
    this.#certainUntil = Number.NEGATIVE_INFINITY;
    await state.leave(group, pod);
  }

  async #beat(): Promise<readonly string[]> {
    const { state, clock, group, pod, leaseMs } = this.#options;
    this.#hasBeaten = true;
    const askedAt = clock.elapsedMs;
    const { members, nowMs } = await state.enter(group, pod, leaseMs);
    clock.learn(nowMs, askedAt);
    this.#certainUntil = askedAt + leaseMs;
    this.#members = members;
    return members;
  }
}
