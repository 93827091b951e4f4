// The longest turns of this process's event loop: while one lasts, nothing else happens.
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Turns below this are nobody's concern, in milliseconds. */
const NOTED_MS = 10;
/** What the histogram may be off by, in milliseconds. */
const TOLERANCE_MS = 5;
const RESOLUTION_MS = 10;
const LOOK_MS = 1_000;
/** Causes that are told apart; what comes then is "other". */
const MAX_CAUSES = 256;

export interface LongestTurn {
  /** "function:orders", "other" */
  cause: string;
  seconds: number;
}

export class LongestTurns {
  readonly #longestMs = new Map<string, number>();
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #timer: NodeJS.Timeout;
  /** The longest one since the last look whose cause is known, in milliseconds. */
  #explainedMs = 0;
  #cpuUs = 0;

  constructor() {
    this.#delay.enable();
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
  }

  /** The longest of each cause since the start. */
  get all(): LongestTurn[] {
    this.#look();
    return [...this.#longestMs].map(([cause, ms]) => ({ cause, seconds: ms / 1_000 }));
  }

  /** `of` says whose it was: a function's name. */
  took(kind: string, ms: number, of = ''): void {
    if (ms >= NOTED_MS) this.record(of === '' ? kind : `${kind}:${of}`, ms);
  }

  record(cause: string, ms: number): void {
    this.#explainedMs = Math.max(this.#explainedMs, ms);
    if (ms < NOTED_MS) return;
    const known = this.#longestMs.has(cause) || this.#longestMs.size < MAX_CAUSES ? cause : 'other';
    this.#longestMs.set(known, Math.max(this.#longestMs.get(known) ?? 0, ms));
  }

  close(): void {
    clearInterval(this.#timer);
    this.#delay.disable();
  }

  /** Whatever the event loop was late by and nobody has explained. */
  #look(): void {
    const longestMs = this.#delay.max / 1e6 - RESOLUTION_MS;
    this.#delay.reset();
    const explainedMs = this.#explainedMs;
    this.#explainedMs = 0;
    const { user, system } = process.threadCpuUsage();
    const cpuMs = (user + system - this.#cpuUs) / 1_000;
    this.#cpuUs = user + system;
    // A thread that did not get a processor was late, and yet did nothing long.
    const isWork = cpuMs >= longestMs / 2;
    if (Number.isFinite(longestMs) && longestMs > explainedMs + TOLERANCE_MS && isWork) this.record('other', longestMs);
    this.#explainedMs = 0;
  }
}
