// What clients and this gateway agree on; docs/triggers.md has it with an example to check a client against.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** What a request's signature covers. */
export interface SignedParts {
  /** Upper case. */
  method: string;
  api: string;
  version: string;
  appKey: string;
  /** Milliseconds since 1970, as text. */
  timestamp: string;
  nonce: string;
  /** Empty: the client names none. */
  device: string;
  /** The session's token; empty: nobody is signed in. */
  session: string;
}

/** The text that a request's signature is made of: nine lines, the last one being the body's SHA-256. */
export function canonicalRequest(parts: SignedParts, body: Uint8Array): string {
  const { method, api, version, appKey, timestamp, nonce, device, session } = parts;
  return [method, api, version, appKey, timestamp, nonce, device, session, sha256(body)].join('\n');
}

/** The text that an answer's signature is made of. The nonce ties it to its request. */
export function canonicalResponse(nonce: string, status: number, body: Uint8Array): string {
  return ['RESPONSE', nonce, String(status), sha256(body)].join('\n');
}

/** HMAC-SHA-256 as 64 lower-case hex digits. */
export function sign(text: string, secret: string): string {
  return createHmac('sha256', secret).update(text).digest('hex');
}

/** The secret that a signature was made with; undefined: with none of them. Takes as long whichever digits differ. */
export function secretOf(signature: string, text: string, secrets: readonly string[]): string | undefined {
  if (!/^[0-9a-f]{64}$/i.test(signature)) return undefined;
  const given = Buffer.from(signature, 'hex');
  let found: string | undefined;
  for (const secret of secrets) {
    if (timingSafeEqual(given, createHmac('sha256', secret).update(text).digest())) found ??= secret;
  }
  return found;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
