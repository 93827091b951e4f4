import { createHash } from 'node:crypto';
import { BottleError, Code, type Idempotency__Output } from '@bottle/protos';
import { idempotencyKeyOf } from '../idempotency-key.ts';
import type { HttpHead, Loaded } from '../layer.ts';

/** Methods that change nothing: without a key they go their way. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Largest body of an HTTP request under a rule, in bytes: it is read whole, to know a repeat by it. */
export const MAX_IDEMPOTENT_BODY_BYTES: number = 1024 * 1024;

/** A request under its rule. */
export interface IdempotentRequest {
  rule: Idempotency__Output;
  /** Where it is kept: the same for every pod of the service, for nobody else's request. */
  key: string;
  /** The same for a request that says the same. */
  print: string;
}

/**
 * The key and the fingerprint of a loaded request; undefined for a safe HTTP request without a key. Throws
 * INVALID_ARGUMENT: `idempotency-key-missing` for any other without one, `body-too-large`.
 */
export function idempotentRequestOf(
  { invocation, function: info, params, route, loadedBody }: Loaded,
  rule: Idempotency__Output,
  service: string,
): IdempotentRequest | undefined {
  const { target } = invocation;
  if (target.kind === 'event') {
    const { idempotency, trigger } = target;
    if (idempotency?.key === undefined) throw missingKey(rule);
    const { scope, key, payload, credentials } = idempotency;
    const kind = String(trigger ?? 'TRIGGER_KIND_EVENT');
    return { rule, key: digest([service, info.name, kind, scope, key]), print: digest([payload, credentials]) };
  }
  if (loadedBody.kind === 'stream') throw tooLarge();
  const { http } = target;
  const payload = loadedBody.bytes;
  const header = (name: string): string | undefined => headerOf(http, name);
  const key = idempotencyKeyOf(rule.key, { payload, header, attributes: params });
  if (key === undefined) {
    if (SAFE_METHODS.has(http.method)) return undefined;
    throw missingKey(rule);
  }
  const scope = `${http.method} ${route}`;
  // The credentials belong to what is said: an answer is never given to somebody else.
  const print = digest([http.url, payload, header('authorization') ?? '']);
  return { rule, key: digest([service, info.name, 'TRIGGER_KIND_HTTP', scope, key]), print };
}

function headerOf({ headers }: HttpHead, wanted: string): string | undefined {
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index] === wanted) return headers[index + 1];
  }
  return undefined;
}

/** Each part with its length before it, so that no two lists have the same digest. */
function digest(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    hash.update(`${bytes.length}:`).update(bytes);
  }
  return hash.digest('base64url');
}

function missingKey({ key }: Idempotency__Output): BottleError {
  const message = `an idempotency key is required: ${key}`;
  return new BottleError(Code.INVALID_ARGUMENT, 'idempotency-key-missing', message, { details: { key } });
}

function tooLarge(): BottleError {
  const limitBytes = MAX_IDEMPOTENT_BODY_BYTES;
  const message = `the request body is larger than ${limitBytes} bytes`;
  return new BottleError(Code.INVALID_ARGUMENT, 'body-too-large', message, {
    details: { limitBytes },
    httpStatus: 413,
  });
}
