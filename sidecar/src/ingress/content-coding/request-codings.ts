// What a request's content-encoding means. RFC 9110, 8.4.1; RFC 9659 for the window of zstd.
import type { Transform } from 'node:stream';
import { BottleError, Code } from '@bottle/protos';

/** A coding that is undone. */
export type RequestCoding = 'gzip' | 'deflate' | 'br' | 'zstd';

/** For `Accept-Encoding` of a refusal. */
const UNDERSTOOD: readonly RequestCoding[] = ['gzip', 'deflate', 'br', 'zstd'];
/** Who compresses more often than this means no good. */
const MAX_CODINGS = 3;
/** 8 MiB: what RFC 9659 grants a sender. The frame says how much memory its reader must have. */
const ZSTD_WINDOW_LOG = 23;

/**
 * The codings in the order in which they were applied; empty when the body is as it is. Throws 415 for one that nobody
 * here can undo, and for more than three.
 */
export function requestCodingsOf(contentEncoding: string): readonly RequestCoding[] {
  const codings: RequestCoding[] = [];
  for (const item of contentEncoding.toLowerCase().split(',', MAX_CODINGS * 4)) {
    const name = item.trim();
    if (name === '' || name === 'identity') continue;
    const coding = name === 'x-gzip' ? 'gzip' : UNDERSTOOD.find((known) => known === name);
    if (!coding) throw unknownCoding('this content coding is not understood');
    codings.push(coding);
    if (codings.length > MAX_CODINGS) throw unknownCoding(`a body is compressed ${MAX_CODINGS} times at most`);
  }
  return codings;
}

/** Undoes one coding. `first` is the first byte of what is to be undone. */
export function createDecoder(coding: RequestCoding, first: number | undefined): Transform {
  const zlib = process.getBuiltinModule('node:zlib');
  // Several members in a row are one gzip file (RFC 1952, 2.2); with the others, what comes behind the end is a fault.
  if (coding === 'gzip') return zlib.createGunzip();
  const strict = { rejectGarbageAfterEnd: true };
  if (coding === 'br') return zlib.createBrotliDecompress(strict);
  if (coding === 'zstd') {
    const params = { [zlib.constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG };
    return zlib.createZstdDecompress({ ...strict, params });
  }
  // "deflate" has a header (RFC 1950), and is sent without it all the same.
  const hasHeader = first !== undefined && (first & 0x0f) === 8;
  return hasHeader ? zlib.createInflate(strict) : zlib.createInflateRaw(strict);
}

function unknownCoding(message: string): BottleError {
  const details = { acceptEncoding: UNDERSTOOD };
  return new BottleError(Code.INVALID_ARGUMENT, 'unknown-content-encoding', message, { details, httpStatus: 415 });
}
