// Pings on a connection inside the pod.
//  1. A ping is a call like any other: it takes the way that calls take, through both event loops.
//  2. Time is counted in turns of this process's own timer, not by the clock: a process that was suspended itself, or
//     stood still, does not take the other one for dead.
//  3. Whatever the other side sends shows that it reads; an answer may stand behind a lot.

/** In milliseconds. */
const BEAT_MS = 250;
/** Beats from an answer to the next ping: a second. */
const PAUSE_BEATS = 4;
/** Beats without a word after which a connection is given up: two seconds. */
const SILENT_BEATS = 8;

/** Connections in a row on which nothing came: it is the process, not the connection. */
export const SILENCES_OF_A_STUCK_PROCESS = 3;

export interface HeartbeatOptions {
  /** Asks once; resolves with any answer. A rejection says nothing: the connection tells itself when it breaks. */
  ping(): Promise<void>;
  /** Whether silence would mean anything at the moment. */
  isExpected(): boolean;
  /** Nothing has come for two seconds although a ping is under way. Called once; the heartbeat has stopped. */
  onSilence(): void;
  /** The other side has answered. */
  onAnswer(): void;
}

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #timer: NodeJS.Timeout;
  #isAsking = false;
  #beats = 0;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#beat(), BEAT_MS).unref();
  }

  /** Something has come: invariant 3. */
  heard(): void {
    if (this.#isAsking) this.#beats = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    if (!this.#options.isExpected()) {
      this.#beats = 0;
      return;
    }
    this.#beats += 1;
    if (!this.#isAsking && this.#beats >= PAUSE_BEATS) void this.#ask();
    else if (this.#isAsking && this.#beats > SILENT_BEATS) {
      this.stop();
      this.#options.onSilence();
    }
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    this.#beats = 0;
    try {
      await this.#options.ping();
      this.#options.onAnswer();
    } catch {
      // See `ping`.
    }
    this.#isAsking = false;
    this.#beats = 0;
  }
}
