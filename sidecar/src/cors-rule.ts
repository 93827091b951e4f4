// Which pages of other origins may read a route's answers: the CORS protocol of the Fetch standard.
import type { Cors__Output } from '@bottle/protos';
import { addVary, valueOf } from './header-list.ts';

/** No origin is longer. */
const MAX_ORIGIN_LENGTH = 512;
const MAX_FIELDS_LENGTH = 4_096;
const FIELD_NAMES = /^[\w!#$%&'*+.^`|~, -]+$/;

/** What a browser asks before it sends what a form could not. */
export interface Preflight {
  origin: string;
  method: string;
  /** As it lists them; empty: none beyond those of every form. */
  fields: string;
}

/** The question in the fields of an OPTIONS request; undefined when there is none. */
export function preflightOf(headers: readonly string[]): Preflight | undefined {
  const origin = valueOf(headers, 'origin');
  const method = valueOf(headers, 'access-control-request-method');
  if (origin === undefined || method === undefined) return undefined;
  return { origin, method, fields: valueOf(headers, 'access-control-request-headers') ?? '' };
}

export class CorsRule {
  readonly #cors: Cors__Output;
  readonly #allowsAll: boolean;
  readonly #exact: ReadonlySet<string>;
  readonly #patterns: readonly RegExp[];

  constructor(cors: Cors__Output) {
    this.#cors = cors;
    const origins = cors.origins.map((origin) => origin.toLowerCase());
    // The manifest is checked for this as well. What a page may do with the user's cookies is never for all pages.
    this.#allowsAll = origins.includes('*') && !cors.allowCredentials;
    this.#exact = new Set(origins.filter((origin) => !origin.includes('*')));
    this.#patterns = origins.filter((origin) => origin !== '*' && origin.includes('*')).map(patternOf);
  }

  /** What any answer of the route says to a page of this origin. A function that has said something itself is right. */
  addTo(headers: string[], origin: string | undefined): void {
    if (valueOf(headers, 'access-control-allow-origin') !== undefined) return;
    if (!this.#allow(headers, origin)) return;
    const { exposedHeaders } = this.#cors;
    if (exposedHeaders.length > 0) headers.push('access-control-expose-headers', exposedHeaders.join(', '));
  }

  /** The answer to a preflight of a path that has these methods. */
  answer({ origin, fields }: Preflight, allowed: readonly string[]): string[] {
    const { methods, headers: fieldsAllowed, maxAgeSec } = this.#cors;
    const headers: string[] = [];
    const echoesFields = fieldsAllowed.length === 0;
    if (this.#allow(headers, origin)) {
      headers.push('access-control-allow-methods', (methods.length > 0 ? methods : allowed).join(', '));
      const named = echoesFields ? namesOf(fields) : fieldsAllowed.join(', ');
      if (named !== '') headers.push('access-control-allow-headers', named);
      if (maxAgeSec !== undefined) headers.push('access-control-max-age', String(maxAgeSec));
    }
    if (echoesFields) addVary(headers, 'access-control-request-headers');
    return headers;
  }

  #allow(headers: string[], origin: string | undefined): boolean {
    if (this.#allowsAll) {
      headers.push('access-control-allow-origin', '*'); // also where nobody asks: the answer may come from a cache later
      return true;
    }
    addVary(headers, 'origin');
    if (origin === undefined || !this.#matches(origin)) return false;
    headers.push('access-control-allow-origin', origin);
    if (this.#cors.allowCredentials) headers.push('access-control-allow-credentials', 'true');
    return true;
  }

  #matches(origin: string): boolean {
    if (origin.length > MAX_ORIGIN_LENGTH) return false;
    const lower = origin.toLowerCase();
    return this.#exact.has(lower) || this.#patterns.some((pattern) => pattern.test(lower));
  }
}

/** "https://*.example.com": any host below; "https://pr-*.example.com": that one label; "http://localhost:*": any port. */
function patternOf(origin: string): RegExp {
  const pieces = origin.split(/(^[^/]*\/\/\*(?=\.)|:\*$|\*)/).map((piece) => {
    if (piece === ':*') return '(?::\\d{1,5})?';
    if (piece === '*') return '[a-z0-9-]+';
    if (piece.endsWith('//*')) return `${escaped(piece.slice(0, -1))}[a-z0-9-]+(?:\\.[a-z0-9-]+)*`;
    return escaped(piece);
  });
  return new RegExp(`^${pieces.join('')}$`);
}

function escaped(text: string): string {
  return text.replace(/[.*?+^$(){}|[\]\\]/g, '\\$&');
}

/** What the browser named, as it goes back to it; empty when that is no list of names. */
function namesOf(fields: string): string {
  return fields.length <= MAX_FIELDS_LENGTH && FIELD_NAMES.test(fields) ? fields : '';
}
