import { BottleError, Code } from '@bottle/protos';
import type { ObjectRange } from './objects-port.ts';

/** The part of an object of this size that a range means. Throws OUT_OF_RANGE when none of it is there. */
export function resolveObjectRange(range: ObjectRange | undefined, size: number): { start: number; length: number } {
  if (!range) return { start: 0, length: size };
  if ('suffix' in range) {
    const length = Math.min(range.suffix, size);
    if (length === 0) throw badRange(size);
    return { start: size - length, length };
  }
  const { start, end = size - 1 } = range;
  if (start >= size || end < start) throw badRange(size);
  return { start, length: Math.min(end, size - 1) - start + 1 };
}

/** What a driver throws for a part that is not there. */
export function badRange(size: number | undefined): BottleError {
  const known = size === undefined ? '' : `: it has ${size} bytes`;
  const details = size === undefined ? {} : { size };
  return new BottleError(Code.OUT_OF_RANGE, 'bad-range', `the object has no such part${known}`, { details });
}
