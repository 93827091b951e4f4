import type { Writable } from 'node:stream';

/**
 * Waits for a stream that is full. One listener for as long as the stream lives: events.once() leaves one behind each
 * time that its opponent in a race wins.
 */
export class WriteFlow {
  readonly #stream: Writable;
  #resume: (() => void) | undefined;

  /**
   * `maxWaiting`: how many messages of a stream of objects wait for their turn before it counts as full, in place of Node's
   * sixteen.
   */
  constructor(stream: Writable, { maxWaiting }: { maxWaiting?: number } = {}) {
    this.#stream = stream;
    // grpc-js 1.14 has no option for it.
    if (maxWaiting !== undefined)
      Object.assign(Reflect.get(stream, '_writableState') as object, { highWaterMark: maxWaiting });
    const release = (): void => this.#resume?.();
    stream.on('drain', release).once('close', release);
  }

  /** Settles when the stream takes more, or is gone. */
  async untilWritable(): Promise<void> {
    if (this.#stream.destroyed || !this.#stream.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      this.#resume = resolve;
    });
  }

  /** Settles a wait: the other side has left without the stream knowing. */
  release(): void {
    this.#resume?.();
  }
}
