// Invariants:
//  1. What a check says counts at once, whatever its neighbours do.
//  2. No check is under way twice. One that gives no result in time has failed, until it gives one.
//  3. A check that has not said anything yet is not healthy: nobody relies on what was never looked at.
import { BottleError, Code, type FaaSLogger, type HealthCheck } from 'bottle-sdk';

/** From the end of a check to its next run. */
const INTERVAL_MS = 500;
/** Longest a check may take. */
const TIMEOUT_MS = 2_000;

export interface HealthWatchOptions {
  /** Those of now: a start that failed is tried again with others. */
  checks(): readonly HealthCheck[];
  /** Called when the health of all together changes; it is true at first. */
  onChange(isHealthy: boolean): void;
  logger: FaaSLogger;
  /** @default 500 */
  intervalMs?: number | undefined;
  /** @default 2000 */
  timeoutMs?: number | undefined;
}

interface Watched {
  isUnderWay: boolean;
  /** Undefined: it has not said anything yet. */
  isHealthy: boolean | undefined;
}

/** Asks the health checks of all layers again and again, and tells what changes. */
export class HealthWatch {
  readonly #options: HealthWatchOptions;
  readonly #intervalMs: number;
  readonly #timeoutMs: number;
  readonly #watched = new Map<HealthCheck, Watched>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #isHealthy = true;
  #isClosed = false;

  constructor(options: HealthWatchOptions) {
    this.#options = options;
    this.#intervalMs = options.intervalMs ?? INTERVAL_MS;
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  }

  /** There may be other checks than before: those that are new are asked at once. */
  update(): void {
    if (this.#isClosed) return;
    const checks = new Set(this.#options.checks());
    for (const check of this.#watched.keys()) if (!checks.has(check)) this.#watched.delete(check);
    for (const check of checks) {
      if (this.#watched.has(check)) continue;
      const watched: Watched = { isUnderWay: false, isHealthy: undefined };
      this.#watched.set(check, watched);
      this.#ask(check, watched);
    }
    this.#tell();
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #ask(check: HealthCheck, watched: Watched): void {
    if (this.#isClosed || this.#watched.get(check) !== watched || watched.isUnderWay) return; // 2
    watched.isUnderWay = true;
    const controller = new AbortController();
    const late = this.#after(this.#timeoutMs, () => {
      const message = `a health check took more than ${this.#timeoutMs} ms`;
      const error = new BottleError(Code.DEADLINE_EXCEEDED, 'hook-timeout', message);
      controller.abort(error);
      this.#onResult(watched, false, error);
    });
    const onResult = (isHealthy: boolean, error?: unknown): void => {
      this.#clear(late);
      watched.isUnderWay = false;
      this.#onResult(watched, isHealthy, error);
      if (!this.#isClosed) this.#after(this.#intervalMs, () => this.#ask(check, watched));
    };
    // Asynchronous from its first line: it is code of the layer, which may throw at once.
    const run = async (): Promise<boolean> => check(controller.signal);
    run().then(
      (isHealthy) => onResult(isHealthy),
      (error: unknown) => onResult(false, error),
    );
  }

  #onResult(watched: Watched, isHealthy: boolean, error: unknown): void {
    const { logger } = this.#options;
    if (watched.isHealthy !== isHealthy && !this.#isClosed) {
      if (!isHealthy) logger.warn({ err: error }, "a layer's health check fails");
      else if (watched.isHealthy === false) logger.info("a layer's health check is well again");
    }
    watched.isHealthy = isHealthy;
    this.#tell(); // 1
  }

  #tell(): void {
    const isHealthy = [...this.#watched.values()].every((watched) => watched.isHealthy === true); // 3
    if (isHealthy === this.#isHealthy || this.#isClosed) return;
    this.#isHealthy = isHealthy;
    this.#options.onChange(isHealthy);
  }

  #after(ms: number, code: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      code();
    }, ms).unref();
    this.#timers.add(timer);
    return timer;
  }

  #clear(timer: NodeJS.Timeout): void {
    clearTimeout(timer);
    this.#timers.delete(timer);
  }
}
