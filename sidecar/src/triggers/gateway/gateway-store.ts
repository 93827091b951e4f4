// What the gateway keeps in caches: used nonces, and the sessions that functions have stored.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { CacheDriver } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';

export interface GatewayStoreOptions {
  /** The driver of a `cache` resource; rejects when there is none. */
  cache(name: string): Promise<CacheDriver>;
  /** Names of the resources. */
  nonces: string;
  sessions: string;
  /** Put before a session's token to make its key. */
  sessionPrefix: string;
  /** How far a timestamp may be from this pod's clock, in milliseconds. */
  windowMs: number;
}

/** A nonce is kept for as long as its timestamp may pass anywhere, pods whose clocks differ by this included. */
const CLOCK_SKEW_MS = 60_000;
/** Longest wait for a cache. A signed request is refused rather than let through. */
const CACHE_TIMEOUT_MS = 2_000;
/** How often a nonce is claimed whose claim was not answered. */
const CLAIM_ATTEMPTS = 3;
const CLAIM_PAUSE_MS = 50;

export interface GatewayStore {
  /** Whether the nonce is used for the first time. Throws UNAVAILABLE when nobody can say. */
  claimNonce(appKey: string, nonce: string): Promise<boolean>;
  /** The session; undefined: there is none with this token. Throws UNAVAILABLE when nobody can say. */
  findSession(token: string): Promise<Readonly<Record<string, unknown>> | undefined>;
}

export function createGatewayStore(options: GatewayStoreOptions): GatewayStore {
  return {
    async claimNonce(appKey, nonce) {
      const ttlMs = 2 * options.windowMs + CLOCK_SKEW_MS;
      const keys = [`nonce:${appKey}:${nonce}`];
      const claim = randomUUID();
      const claimed = { name: 'SET', keys, args: [claim, 'NX', 'PX', String(ttlMs)] };
      const holder = { name: 'GET', keys, args: [] };
      return await ask(options, options.nonces, noNonces, async (cache) => {
        for (let attempt = 1; ; attempt++) {
          try {
            if ((await cache.command(claimed)) !== null) return true;
            // After an answer that got lost the claim may be our own.
            return attempt > 1 && String(await cache.command(holder)) === claim;
          } catch (error) {
            if (attempt === CLAIM_ATTEMPTS) throw error;
            await delay(CLAIM_PAUSE_MS);
          }
        }
      });
    },
    async findSession(token) {
      const command = { name: 'GET', keys: [options.sessionPrefix + token], args: [] };
      const reply = await ask(options, options.sessions, noSessions, (cache) => cache.command(command));
      if (reply === null) return undefined;
      return parseSession(Buffer.isBuffer(reply) ? reply.toString() : String(reply));
    },
  };
}

async function ask<Answer>(
  { cache }: GatewayStoreOptions,
  resource: string,
  toError: (cause: unknown) => BottleError,
  question: (cache: CacheDriver) => Promise<Answer>,
): Promise<Answer> {
  const timer = new AbortController();
  const tooLate = delay(CACHE_TIMEOUT_MS, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`cache.${resource} did not answer within ${CACHE_TIMEOUT_MS} ms`);
  });
  try {
    return await Promise.race([cache(resource).then(question), tooLate]);
  } catch (cause) {
    throw toError(cause);
  } finally {
    timer.abort();
    tooLate.catch(() => {}); // the abort; a real timeout has been thrown above
  }
}

const UNCHECKED = 'the request cannot be checked at the moment';
const LATER = { retryAfterSec: 1 };

function noNonces(cause: unknown): BottleError {
  return new BottleError(Code.UNAVAILABLE, 'nonce-store-unavailable', UNCHECKED, { cause, details: LATER });
}

function noSessions(cause: unknown): BottleError {
  return new BottleError(Code.UNAVAILABLE, 'session-store-unavailable', UNCHECKED, { cause, details: LATER });
}

function parseSession(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw broken(cause);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw broken(new TypeError(`a session is an object, not ${text.slice(0, 40)}`));
}

function broken(cause: unknown): BottleError {
  return new BottleError(Code.INTERNAL, 'session-invalid', 'the session cannot be read', { cause });
}
