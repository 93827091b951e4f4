import { BottleError, Code } from '@bottle/protos';

/** A part of a representation, both ends included. */
export interface ByteRange {
  first: number;
  last: number;
}

/**
 * The part that a Range header asks for: RFC 9110, 14. Undefined is everything: there is no such header, it is malformed or
 * of another unit, or it asks for several parts, which a server may answer with the whole. Throws OUT_OF_RANGE (416) when
 * there is nothing where it asks.
 */
export function rangeOf(header: string, length: number): ByteRange | undefined {
  const [, from = '', to = ''] = /^bytes=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header) ?? [];
  if (from === '' && to === '') return undefined;
  const first = from === '' ? Math.max(0, length - Number(to)) : Number(from);
  const last = from === '' || to === '' ? length - 1 : Math.min(Number(to), length - 1);
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  if (first > last) throw unsatisfiable(length);
  return { first, last };
}

/** The header of a 206. */
export function contentRangeOf({ first, last }: ByteRange, length: number): string {
  return `bytes ${first}-${last}/${length}`;
}

function unsatisfiable(length: number): BottleError {
  const message = `there are ${length} bytes, none of them where the request asks`;
  return new BottleError(Code.OUT_OF_RANGE, 'range-not-satisfiable', message, {
    httpStatus: 416,
    details: { contentRange: `bytes */${length}` },
  });
}
