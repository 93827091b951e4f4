import { UsageError } from './command.ts';
import { nearest } from './nearest.ts';

/** Throws UsageError for a name that is none of the command's operations, with the one that was probably meant. */
export function assertOperation<Operation extends string>(
  command: string,
  operations: readonly Operation[],
  name: string | undefined,
): asserts name is Operation {
  if ((operations as readonly (string | undefined)[]).includes(name)) return;
  if (name === undefined) throw new UsageError(`what? bottle ${command} ${operations.join('|')}`);
  const meant = nearest(name, operations);
  throw new UsageError(
    `bottle ${command} has no "${name}"${meant ? `; did you mean "${meant}"?` : `: ${operations.join(', ')}`}`,
  );
}
