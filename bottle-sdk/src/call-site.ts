/** Frames of the platform itself say nothing to whoever wrote the call. */
const OWN = import.meta.dirname;

/**
 * Where a call was written. What hands its promise on, or makes a query that runs later, is on no stack any more when the call
 * fails. It costs about a microsecond; its text is made when it is asked for.
 */
export class CallSite {
  readonly #at: { stack?: string } = {};

  constructor() {
    Error.captureStackTrace(this.#at, CallSite);
  }

  /** Puts the place below the stack of an error that does not name it. */
  addTo(error: unknown): void {
    if (!(error instanceof Error)) return;
    const frames = (this.#at.stack ?? '').split('\n').filter((line) => /^ +at /.test(line) && !line.includes(OWN));
    const [first] = frames;
    if (first === undefined || error.stack?.includes(first.trim())) return;
    error.stack = [error.stack ?? String(error), ...frames].join('\n');
  }
}
