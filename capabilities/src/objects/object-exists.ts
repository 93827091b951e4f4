import { BottleError, Code } from '@bottle/protos';

/** What a driver throws for a put that was to make a new object. */
export function objectExists(key: string): BottleError {
  return new BottleError(Code.ALREADY_EXISTS, 'object-exists', `there is an object "${key}"`, { details: { key } });
}
