import { BottleError, Code } from '@bottle/protos';
import { hasStrongly, hasWeakly } from './etag.ts';

/** A request header by its lower-case name; '' when it is absent. */
export type HeaderOf = (name: string) => string;

/** What is known of a representation, as its headers say it; '' where they do not. */
export interface Validators {
  etag: string;
  lastModified: string;
}

/**
 * What the conditions of a GET or HEAD come to, in the order of RFC 9110, 13.2.2. If-Modified-Since counts only without
 * If-None-Match. Throws FAILED_PRECONDITION (412).
 */
export function evaluateConditions(header: HeaderOf, { etag, lastModified }: Validators): 'send' | 'not-modified' {
  assertUnchanged(header, { etag, lastModified });
  const noneMatch = header('if-none-match');
  if (noneMatch !== '') return hasWeakly(noneMatch, etag) ? 'not-modified' : 'send';
  return isLater(lastModified, header('if-modified-since')) === false ? 'not-modified' : 'send';
}

/** If-Match and If-Unmodified-Since, as far as there is something to compare them with. */
function assertUnchanged(header: HeaderOf, { etag, lastModified }: Validators): void {
  const match = header('if-match');
  const isChanged =
    match === ''
      ? isLater(lastModified, header('if-unmodified-since')) === true
      : etag !== '' && !hasStrongly(match, etag);
  if (!isChanged) return;
  const message = 'what is here now is not what the request’s condition asks for';
  throw new BottleError(Code.FAILED_PRECONDITION, 'precondition-failed', message, { httpStatus: 412 });
}

/** Whether a part of the representation is still wanted: RFC 9110, 13.1.5. Without If-Range it is. */
export function isRangeWanted(header: HeaderOf, { etag, lastModified }: Validators): boolean {
  const condition = header('if-range');
  if (condition === '') return true;
  if (/^(?:W\/)?"/.test(condition)) return hasStrongly(condition, etag);
  return lastModified !== '' && Date.parse(condition) === Date.parse(lastModified);
}

/** Undefined when one of them is no time. */
function isLater(time: string, other: string): boolean | undefined {
  const [ms, otherMs] = [Date.parse(time), Date.parse(other)];
  return Number.isNaN(ms) || Number.isNaN(otherMs) ? undefined : ms > otherMs;
}
