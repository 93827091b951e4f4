import { BottleError, Code } from 'bottle-sdk';

/** One mistake in what a client sent. */
export interface FieldProblem {
  /** "address.city" */
  field: string;
  message: string;
}

/** Collects the mistakes in a client's input, so that one answer names them all. */
export class FieldProblems {
  readonly #problems: FieldProblem[] = [];

  add(field: string, message: string): void {
    this.#problems.push({ field, message });
  }

  /** Throws INVALID_ARGUMENT with `details.problems` unless there are none. */
  throwIfAny(reason: string): void {
    if (this.#problems.length === 0) return;
    const message = this.#problems.map((problem) => `${problem.field}: ${problem.message}`).join('; ');
    throw new BottleError(Code.INVALID_ARGUMENT, reason, message, { details: { problems: this.#problems } });
  }
}
