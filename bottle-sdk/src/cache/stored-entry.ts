// What `through` stores: docs/bottle-sdk.md describes it for other programs.
//
//   byte 0       1: a value, 0: "there is none"; both of format 1. A later format begins with another byte.
//   bytes 1–8    until when it is fresh: milliseconds since 1970, a big-endian IEEE 754 double
//   bytes 9–…    the value as the codec writes it; nothing of "there is none"

import type { Codec } from './codecs.ts';

/** A value as the store keeps it. */
export interface StoredEntry {
  present: boolean;
  /** Milliseconds since 1970. */
  freshUntil: number;
  bytes: Buffer;
}

const HEADER_BYTES = 9;
const NONE = 0;
const VALUE = 1;
/** Times that can be meant, in milliseconds since 1970: what a text or other numbers say by chance lies far outside. */
const FIRST_TIME = Date.UTC(2001, 0);
const LAST_TIME = Date.UTC(2200, 0);

export function encodeEntry({ present, freshUntil, bytes }: StoredEntry): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = present ? VALUE : NONE;
  header.writeDoubleBE(Math.min(freshUntil, LAST_TIME), 1);
  return Buffer.concat([header, bytes]);
}

/** What is known of a key; an undefined value is "there is none". */
export interface Known {
  value: unknown;
  /** Milliseconds since 1970. */
  freshUntil: number;
}

/** Undefined: bytes of somebody else, or of another codec. */
export function readEntry(stored: Buffer, codec: Codec<unknown>): Known | undefined {
  const entry = decodeEntry(stored);
  try {
    return entry && knownOf(entry, codec);
  } catch {
    return undefined;
  }
}

export function knownOf({ present, freshUntil, bytes }: StoredEntry, codec: Codec<unknown>): Known {
  return { value: present ? frozen(codec.decode(Buffer.from(bytes))) : undefined, freshUntil };
}

/** Undefined for bytes that somebody else has put there. */
function decodeEntry(stored: Buffer): StoredEntry | undefined {
  if (stored.length < HEADER_BYTES) return undefined;
  const [kind] = stored;
  const freshUntil = stored.readDoubleBE(1);
  const bytes = stored.subarray(HEADER_BYTES);
  if (!(freshUntil >= FIRST_TIME && freshUntil <= LAST_TIME)) return undefined;
  if (kind === VALUE) return { present: true, freshUntil, bytes };
  return kind === NONE && bytes.length === 0 ? { present: false, freshUntil, bytes } : undefined;
}

/** Callers share what the local level hands out, so none may change it. Bytes cannot be frozen. */
function frozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value;
  for (const child of Object.values(value)) frozen(child);
  return Object.freeze(value);
}
