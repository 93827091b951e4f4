import type { ResultStream } from '../invoke/stream-format.ts';

/** How long a streamed result waits for the other side to come for it. */
const ATTACH_TIMEOUT_MS = 5_000;

/** Streamed results that were announced in a frame and wait for the RPC that will carry them. */
export class ParkedStreams {
  readonly #parked = new Map<string, { stream: ResultStream; timer: NodeJS.Timeout }>();

  park(invocationId: string, stream: ResultStream): void {
    const timer = setTimeout(() => this.drop(invocationId), ATTACH_TIMEOUT_MS);
    this.#parked.set(invocationId, { stream, timer });
  }

  /** Hands the stream over, once. */
  take(invocationId: string): ResultStream | undefined {
    const parked = this.#parked.get(invocationId);
    if (!parked) return undefined;
    clearTimeout(parked.timer);
    this.#parked.delete(invocationId);
    return parked.stream;
  }

  /** Nobody came: ends the function's iterable. */
  drop(invocationId: string): void {
    this.take(invocationId)?.cancel();
  }
}
