// Whether each resource can be used, as time goes by.
//  1. One that cannot be used for two seconds is an error in the log, once; so is its return, as information.
//  2. What was reached once counts as reached for good.
import type { Resource } from './resource.ts';

const INTERVAL_MS = 1_000;
/** What is over before is for its driver to say. (1) */
const PATIENCE_MS = 2_000;

export interface ResourceWatchOptions {
  resources(): Iterable<Resource>;
  log: { info(fields: object, message: string): void; error(fields: object, message: string): void };
  /** Milliseconds of a clock that never goes back. */
  now?: () => number;
}

interface Absence {
  since: number;
  isSaid: boolean;
}

export class ResourceWatch {
  readonly #options: ResourceWatchOptions;
  readonly #now: () => number;
  readonly #reached = new Set<string>();
  readonly #absences = new Map<string, Absence>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: ResourceWatchOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#timer = setInterval(() => this.look(), INTERVAL_MS).unref();
  }

  /** (2) */
  wasReached({ id, problem }: Resource): boolean {
    if (problem === undefined) this.#reached.add(id);
    return this.#reached.has(id);
  }

  look(): void {
    for (const resource of this.#options.resources()) {
      this.wasReached(resource);
      if (resource.trouble === undefined) this.#onThere(resource);
      else this.#onAway(resource, resource.trouble);
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #onAway({ id, driverName: driver }: Resource, reason: string): void {
    const absence = this.#absences.get(id) ?? { since: this.#now(), isSaid: false };
    this.#absences.set(id, absence);
    if (absence.isSaid || this.#now() - absence.since < PATIENCE_MS) return;
    absence.isSaid = true;
    this.#options.log.error({ resource: id, driver, reason }, 'resource is not available');
  }

  #onThere({ id, driverName: driver }: Resource): void {
    const absence = this.#absences.get(id);
    if (!absence) return;
    this.#absences.delete(id);
    const awayMs = Math.round(this.#now() - absence.since);
    if (absence.isSaid) this.#options.log.info({ resource: id, driver, awayMs }, 'resource is available again');
  }
}
