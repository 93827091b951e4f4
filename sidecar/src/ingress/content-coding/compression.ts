import type { IncomingMessage } from 'node:http';
import { addVary, changeField, valueOf } from '../../header-list.ts';
import { AcceptedCodings, type Preference, type ResponseCoding } from './accepted-codings.ts';
import { isCompressible } from './compressible.ts';

export interface CompressionSettings {
  enabled: boolean;
  /** Smaller bodies are sent as they are. */
  minBytes: number;
}

/** What is known of a response before its body is sent. */
export interface ResponseHead {
  request: IncomingMessage;
  status: number;
  /** Alternating lower-case name and value. */
  headers: string[];
  /** Of the body as it is, in bytes; infinite when nobody knows. */
  length: number;
}

const NOTHING_SAID: Preference = { coding: undefined, refusesPlain: false };
/** Fields that say that the bytes have their form, or that there is a checksum of them. */
const FIXED_BY = ['content-encoding', 'content-range', 'content-md5', 'content-digest', 'repr-digest', 'digest'];
/** Without a body, or with a part of one. */
const UNCODED_STATUS = new Set([204, 205, 206, 304]);

/** Decides which responses are compressed, and how. */
export class Compression {
  readonly #settings: CompressionSettings;
  readonly #accepted = new AcceptedCodings();

  constructor(settings: CompressionSettings) {
    this.#settings = settings;
  }

  /** The coding that this response is to get; undefined for none. Says in Vary that it is a choice, where it is one. */
  choose({ request, status, headers, length }: ResponseHead): ResponseCoding | undefined {
    const { enabled, minBytes } = this.#settings;
    const accepts = request.headers['accept-encoding'];
    const isSmall = length < minBytes;
    if (!enabled || (isSmall && accepts === undefined)) return undefined; // requests that ask for nothing pay nothing
    const { coding, refusesPlain } = accepts === undefined ? NOTHING_SAID : this.#accepted.preferenceOf(accepts);
    if ((isSmall && !refusesPlain) || length === 0) return undefined;
    if (UNCODED_STATUS.has(status) || request.headers.range !== undefined) return undefined;
    const contentType = valueOf(headers, 'content-type') ?? '';
    if (!isCompressible(contentType) && (!refusesPlain || contentType.startsWith('text/event-stream')))
      return undefined;
    if (FIXED_BY.some((name) => valueOf(headers, name) !== undefined) || forbidsChange(headers)) return undefined;
    addVary(headers, 'accept-encoding');
    return coding;
  }

  /**
   * A 304 for a client that has a compressed answer: its entity tag was weakened on the way out, so it is here. The
   * function compares weakly (RFC 9110, 13.1.2) and need not know.
   */
  revalidate(request: IncomingMessage, headers: string[]): void {
    const has = request.headers['if-none-match'];
    if (!this.#settings.enabled || has === undefined) return;
    changeField(headers, 'etag', (tag) => {
      if (tag.startsWith('W/') || !has.includes(`W/${tag}`)) return tag;
      addVary(headers, 'accept-encoding');
      return `W/${tag}`;
    });
  }
}

/** What the head of a response says when its body has been compressed. */
export function markCoded(headers: string[], coding: ResponseCoding): void {
  headers.push('content-encoding', coding);
  changeField(headers, 'etag', (tag) => (tag.startsWith('W/') ? tag : `W/${tag}`)); // the same, but not byte for byte
  changeField(headers, 'accept-ranges', () => undefined); // its parts are not parts of this
}

function forbidsChange(headers: readonly string[]): boolean {
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index] === 'cache-control' && /(?:^|[\s,])no-transform(?:$|[\s,])/i.test(headers[index + 1] ?? '')) {
      return true;
    }
  }
  return false;
}
