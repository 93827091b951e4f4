// Pings on a connection inside the pod.
//  1. A ping is a call like any other: it takes the way that calls take, through both event loops.
//  2. Time is counted in turns of this process's own timer, not by the clock: a process that was suspended itself, or
//     stood still, does not take the other one for dead.
//  3. Whatever the other side sends shows that it reads; an answer may stand behind a lot.
//  4. A process that is busy is no dead connection. Who is silent is looked for on a fresh connection: when that is greeted
//     and the old one stays silent, the connection is dead; when neither says a word, it is the process.

/** In milliseconds. */
const BEAT_MS = 250;
/** Beats from an answer to the next ping: a second. */
const PAUSE_BEATS = 4;
/** Beats without a word after which a fresh connection is tried: two seconds. */
const SILENT_BEATS = 8;
/** Beats that the old connection has left to say something when the fresh one is greeted: a second. */
const GRACE_BEATS = 4;

/** Silences in a row, of two seconds each: it is the process, not the connection. */
export const SILENCES_OF_A_STUCK_PROCESS = 3;

/** What says nothing any more. */
export type Silent = 'connection' | 'process';

export interface HeartbeatOptions {
  /** Asks once; resolves with any answer. A rejection says nothing: the connection tells itself when it breaks. */
  ping(): Promise<void>;
  /** Whether silence would mean anything at the moment. */
  isExpected(): boolean;
  /** Whether a fresh connection is greeted. Settles within the given time. */
  isGreeted(timeoutMs: number): Promise<boolean>;
  /** Nothing has come although a ping is under way. Called once; the heartbeat has stopped. */
  onSilence(silent: Silent): void;
  /** The other side has answered. */
  onAnswer(): void;
}

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #timer: NodeJS.Timeout;
  #isAsking = false;
  #beats = 0;
  /** The beat at which a fresh connection was greeted, in this silence. */
  #greetedAt: number | undefined;
  /** Counts the silences: a fresh connection of an earlier one says nothing about this. */
  #silence = 0;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#beat(), BEAT_MS).unref();
  }

  /** Something has come: invariant 3. */
  heard(): void {
    if (this.#isAsking) this.#startOver();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    if (!this.#options.isExpected()) {
      this.#startOver();
      return;
    }
    this.#beats += 1;
    if (this.#isAsking) this.#listen();
    else if (this.#beats >= PAUSE_BEATS) void this.#ask();
  }

  #startOver(): void {
    this.#beats = 0;
    this.#greetedAt = undefined;
    this.#silence += 1;
  }

  /** 4 */
  #listen(): void {
    if (this.#beats === SILENT_BEATS + 1) void this.#lookElsewhere();
    if (this.#greetedAt !== undefined && this.#beats > this.#greetedAt + GRACE_BEATS) this.#giveUp('connection');
    else if (this.#beats > SILENT_BEATS * SILENCES_OF_A_STUCK_PROCESS) this.#giveUp('process');
  }

  async #lookElsewhere(): Promise<void> {
    const silence = this.#silence;
    const beatsLeft = SILENT_BEATS * (SILENCES_OF_A_STUCK_PROCESS - 1);
    const isGreeted = await this.#options.isGreeted(beatsLeft * BEAT_MS);
    if (isGreeted && silence === this.#silence) this.#greetedAt = this.#beats;
  }

  #giveUp(silent: Silent): void {
    this.stop();
    this.#options.onSilence(silent);
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    this.#startOver();
    try {
      await this.#options.ping();
      this.#options.onAnswer();
    } catch {
      // See `ping`.
    }
    this.#isAsking = false;
    this.#startOver();
  }
}
