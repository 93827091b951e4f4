import { CallError, Code } from '@bottle/protos';
import { type Duration, toMs } from '../duration.ts';

/** Milliseconds, 0 without a ttl: for ever. Throws INVALID_ARGUMENT for a ttl of 0. */
export function ttlMsOf(ttl: Duration | undefined): number {
  if (ttl === undefined) return 0;
  const ttlMs = toMs(ttl);
  if (ttlMs > 0) return ttlMs;
  throw new CallError(Code.INVALID_ARGUMENT, 'bad-duration', `a ttl of ${ttl} would store nothing`);
}
