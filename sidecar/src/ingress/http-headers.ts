import type { IncomingMessage } from 'node:http';
import { changeField } from '../header-list.ts';

/** Fields that belong to one connection (RFC 9110, 7.6.1) or that the ingress answers itself. */
const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Fields with this prefix carry the platform's own data; from outside they are dropped. */
const RESERVED_PREFIX = 'x-bottle-';

/** A field name may be spelt in many ways, but not without end. */
const MAX_KNOWN_NAMES = 512;

/** Field names as they were spelt → lower case, or '' for those that do not travel on: HTTP/2's pseudo-headers, too. */
export class HeaderNames {
  readonly #known = new Map<string, string>();

  /** Lower-cased name, or '' when the field stays on this connection. */
  forwarded(name: string): string {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const lower = name.toLowerCase();
    const stays = HOP_BY_HOP.has(lower) || lower.startsWith(RESERVED_PREFIX) || lower.startsWith(':');
    const result = stays ? '' : lower;
    if (this.#known.size < MAX_KNOWN_NAMES) this.#known.set(name, result);
    return result;
  }

  /** The fields of a request that travel on, alternating lower-case name and value, repeats kept. */
  ofRequest(request: IncomingMessage): string[] {
    const raw = request.rawHeaders;
    const dropped = namedByConnection(request.headers.connection);
    const headers: string[] = [];
    for (let index = 0; index < raw.length; index += 2) {
      const name = this.forwarded(raw[index] ?? '');
      if (name === '' || dropped?.includes(name)) continue;
      headers.push(name, raw[index + 1] ?? '');
    }
    return headers;
  }

  /** The fields of a response that travel on; the length is written where the body is known. */
  ofResponse(sent: readonly string[]): { headers: string[]; declaredLength: number | undefined } {
    const headers: string[] = [];
    let declaredLength: number | undefined;
    let dropped: string[] | undefined;
    for (let index = 0; index < sent.length; index += 2) {
      const original = sent[index] ?? '';
      const value = sent[index + 1] ?? '';
      const name = this.forwarded(original);
      if (name === 'content-length') declaredLength = lengthOf(value);
      else if (name !== '') headers.push(name, value);
      else if (original.toLowerCase() === 'connection')
        dropped = [...(dropped ?? []), ...(namedByConnection(value) ?? [])];
    }
    for (const name of dropped ?? []) changeField(headers, name, () => undefined);
    return { headers, declaredLength };
  }
}

/** A content-length that is one; of others nothing is known. */
function lengthOf(value: string): number | undefined {
  return /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** Further hop-by-hop fields that the sender named; undefined for the usual values. */
function namedByConnection(connection: string | undefined): string[] | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined;
  return connection.split(',').map((name) => name.trim().toLowerCase());
}
