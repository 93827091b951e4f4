import type { FaaSLogger } from 'bottle-sdk';

/** Between two lines about one resource. */
const LINE_INTERVAL_MS = 1_000;

interface LeftOut {
  count: number;
  loggedAt: number;
}

/** Stored values and messages that nobody could read, by resource. A line says where one stands, never what it is. */
export class LeftOutValues {
  readonly #byResource = new Map<string, LeftOut>();
  readonly #logger: Pick<FaaSLogger, 'warn'>;
  readonly #now: () => number;

  constructor(logger: Pick<FaaSLogger, 'warn'>, now: () => number = () => performance.now()) {
    this.#logger = logger;
    this.#now = now;
  }

  /** How many since the start. */
  get counts(): { resource: string; count: number }[] {
    return [...this.#byResource].map(([resource, { count }]) => ({ resource, count }));
  }

  add(value: { resource: string; key: string }): void {
    const known = this.#byResource.get(value.resource) ?? { count: 0, loggedAt: Number.NEGATIVE_INFINITY };
    this.#byResource.set(value.resource, known);
    known.count += 1;
    const now = this.#now();
    if (now - known.loggedAt < LINE_INTERVAL_MS) return;
    known.loggedAt = now;
    this.#logger.warn({ ...value, soFar: known.count }, 'a value cannot be read and is left out');
  }
}
