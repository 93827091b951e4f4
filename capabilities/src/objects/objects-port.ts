import type { CallContext, Driver } from '../capability.ts';

/** What a list says of an object. */
export interface ObjectEntry {
  key: string;
  /** In bytes. */
  size: number;
  /** With its quotes. */
  etag: string;
  /** Milliseconds since 1970. */
  lastModifiedMs: number;
}

/** All that there is to know of an object. */
export interface ObjectDescription extends ObjectEntry {
  contentType: string;
  /** Names are in lower case. */
  metadata: Readonly<Record<string, string>>;
}

/** An object on its way in. */
export interface ObjectUpload {
  key: string;
  contentType: string;
  metadata: Readonly<Record<string, string>>;
  /** Throws ALREADY_EXISTS (`object-exists`) when there is one. */
  ifAbsent: boolean;
  /** Undefined: known when the body has ended. */
  size: number | undefined;
  /** Read no faster than it is stored. When it throws, nothing is stored. */
  body: AsyncIterable<Uint8Array>;
}

/** First and last byte, both included; or so many bytes at the end. */
export type ObjectRange = { start: number; end: number | undefined } | { suffix: number };

/** An object, or a part of it, on its way out. Whoever got it reads the body to its end, or leaves the iteration. */
export interface ObjectDownload {
  info: ObjectDescription;
  /** First byte of the part. */
  start: number;
  /** Bytes of the part. */
  length: number;
  body: AsyncIterable<Uint8Array>;
}

/** Which objects: those whose keys begin with the prefix and come after the key `after`. */
export interface ObjectSelection {
  prefix: string;
  after: string;
  limit: number;
}

/** A URL with which anybody may do one thing. */
export interface ObjectGrant {
  key: string;
  method: 'GET' | 'PUT';
  expiresSec: number;
  /** That a PUT must have; empty: any. */
  contentType: string;
}

/** What an objects driver does. Keys are checked before. All of it settles soon after `call.signal` aborts. */
export interface ObjectsDriver extends Driver {
  /** Who reads it meanwhile, or lists, sees all of the old object or all of the new one. */
  put(upload: ObjectUpload, call: CallContext): Promise<ObjectDescription>;
  /** Undefined where there is none. Throws OUT_OF_RANGE (`bad-range`) for a part that is not there. */
  get(key: string, range: ObjectRange | undefined, call: CallContext): Promise<ObjectDownload | undefined>;
  head(key: string, call: CallContext): Promise<ObjectDescription | undefined>;
  /** In the order of the keys' bytes; `isLast`: there are no more after these. */
  list(selection: ObjectSelection, call: CallContext): Promise<{ objects: ObjectEntry[]; isLast: boolean }>;
  /** Nothing happens where there is none. */
  delete(key: string, call: CallContext): Promise<void>;
  /** Throws UNIMPLEMENTED (`no-presign`) where there are no such URLs. */
  presign(grant: ObjectGrant): Promise<string>;
}
