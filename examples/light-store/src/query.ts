import { BottleError, Code, type OneOrMany } from 'bottle-sdk';

/** A whole number from the query, within bounds; a 400 otherwise. */
export function wholeNumber(
  value: OneOrMany | undefined,
  name: string,
  bounds: { min: number; max: number; otherwise: number },
): number {
  if (value === undefined) return bounds.otherwise;
  const number = Number(value);
  if (Number.isInteger(number) && number >= bounds.min && number <= bounds.max) return number;
  const message = `${name} must be a whole number from ${bounds.min} to ${bounds.max}`;
  throw new BottleError(Code.INVALID_ARGUMENT, 'bad-query', message);
}
