/** More than a pod has under way; whoever wrote longest ago is forgotten first. */
const MAX_WRITERS = 20_000;

/** Invocations that have written: what they read next has to have it, which a replica that is behind has not. */
export class RecentWriters {
  readonly #invocations = new Set<string>();

  /** '': a call outside of invocations, which has no next one. */
  add(invocationId: string): void {
    if (invocationId === '') return;
    this.#invocations.delete(invocationId);
    this.#invocations.add(invocationId);
    if (this.#invocations.size <= MAX_WRITERS) return;
    for (const oldest of this.#invocations) {
      this.#invocations.delete(oldest);
      return;
    }
  }

  has(invocationId: string): boolean {
    return this.#invocations.has(invocationId);
  }
}
