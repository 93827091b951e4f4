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
const FIXED_BY = new Set([
  'content-encoding',
  'content-range',
  'content-md5',
  'content-digest',
  'repr-digest',
  'digest',
]);
const NO_TRANSFORM = /(?:^|[\s,])no-transform(?:$|[\s,])/i;
/** Content types of functions are few; a client cannot choose them. */
const MAX_KNOWN_TYPES = 256;
/** Without a body, or with a part of one. */
const UNCODED_STATUS = new Set([204, 205, 206, 304]);

/** Decides which responses are compressed, and how. */
export class Compression {
  readonly #settings: CompressionSettings;
  readonly #accepted = new AcceptedCodings();
  readonly #compressible = new Map<string, boolean>();

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
    const contentType = changeableType(headers);
    if (contentType === undefined) return undefined;
    if (!this.#isCompressible(contentType) && (!refusesPlain || contentType.startsWith('text/event-stream')))
      return undefined;
    addVary(headers, 'accept-encoding');
    return coding;
  }

  /**
   * A 304 says of itself what the 200 would. A strong entity tag was weakened on the way out where the answer was
   * compressed; a client that has it so gets it so. The function compares weakly (RFC 9110, 13.1.2) and need not know.
   */
  revalidate(request: IncomingMessage, headers: string[]): void {
    if (!this.#settings.enabled) return;
    const has = request.headers['if-none-match'] ?? '';
    changeField(headers, 'etag', (tag) => (!tag.startsWith('W/') && has.includes(`W/${tag}`) ? `W/${tag}` : tag));
    const contentType = valueOf(headers, 'content-type');
    if (contentType === undefined || this.#isCompressible(contentType)) addVary(headers, 'accept-encoding');
  }

  #isCompressible(contentType: string): boolean {
    const known = this.#compressible.get(contentType);
    if (known !== undefined) return known;
    const result = isCompressible(contentType);
    if (this.#compressible.size < MAX_KNOWN_TYPES) this.#compressible.set(contentType, result);
    return result;
  }
}

/** What the head of a response says when its body has been compressed. */
export function markCoded(headers: string[], coding: ResponseCoding): void {
  headers.push('content-encoding', coding);
  changeField(headers, 'etag', (tag) => (tag.startsWith('W/') ? tag : `W/${tag}`)); // the same, but not byte for byte
  changeField(headers, 'accept-ranges', () => undefined); // its parts are not parts of this
}

/** The content type; undefined when the head says that the bytes have to stay as they are. */
function changeableType(headers: readonly string[]): string | undefined {
  let contentType = '';
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? '';
    if (name === 'content-type') contentType = headers[index + 1] ?? '';
    else if (FIXED_BY.has(name)) return undefined;
    else if (name === 'cache-control' && NO_TRANSFORM.test(headers[index + 1] ?? '')) return undefined;
  }
  return contentType;
}
