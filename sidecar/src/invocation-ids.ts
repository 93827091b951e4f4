import { randomBytes } from 'node:crypto';

/** Ids of 32 hex digits: 64 random bits of this process, then a counter. Unique, and valid as W3C trace ids. */
export function createInvocationIds(): () => string {
  const prefix = randomBytes(8).toString('hex');
  let counter = randomBytes(4).readUInt32BE();
  return () => {
    counter += 1;
    return prefix + counter.toString(16).padStart(16, '0');
  };
}
