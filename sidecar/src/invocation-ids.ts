import { randomBytes } from 'node:crypto';

/** Where every answer has the id of its invocation: a header, over gRPC an entry of the trailer. */
export const REQUEST_ID = 'x-request-id';

/**
 * Ids of 32 hex digits: 64 random bits of this process, then a counter. Unique, and valid as W3C trace ids. Asked for
 * several, it answers the first of them; the others count up from it.
 */
export function createInvocationIds(): (count?: number) => string {
  const prefix = randomBytes(8).toString('hex');
  let counter = randomBytes(4).readUInt32BE();
  return (count = 1) => {
    const first = counter + 1;
    counter += count;
    return prefix + first.toString(16).padStart(16, '0');
  };
}
