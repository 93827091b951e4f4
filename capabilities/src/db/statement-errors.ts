// What databases of all kinds say in the same way.
import { BottleError, Code } from '@bottle/protos';

/** The statement has run: what it changed is changed. */
export function resultTooLarge(what: string): BottleError {
  const message = `the answer has ${what}: take it as a stream (\`.stream()\`), or ask for less`;
  return new BottleError(Code.RESOURCE_EXHAUSTED, 'result-too-large', message, { details: { outcome: 'done' } });
}

/** It failed before a commit, so the database undoes what was done. */
export function rolledBack(thrown: unknown): BottleError {
  return BottleError.from(thrown).withDetails({ outcome: 'not-done' });
}

/** The connection broke when the database had been asked to commit. */
export function commitUnknown(thrown: unknown): BottleError {
  const message = 'the connection broke during the commit: the transaction may be durable, or rolled back';
  const { details } = BottleError.from(thrown);
  return new BottleError(Code.UNKNOWN, 'outcome-unknown', message, { details: { ...details, outcome: 'unknown' } });
}
