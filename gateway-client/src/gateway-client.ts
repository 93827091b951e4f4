import { GatewayError } from './gateway-error.ts';
import { createSigner, type Signer, type SigningCrypto } from './signature.ts';

export interface GatewayClientOptions {
  /** Where the gateway is, with its path: "https://api.example.com/gw". */
  url: string;
  appKey: string;
  secret: string;
  /** Which device this is: up to 256 printable ASCII characters. */
  device?: string;
  /** The token of the session at the moment; undefined or empty: nobody is signed in. */
  session?: () => string | undefined;
  /** Longest a call may take, in milliseconds. @default 15_000 */
  timeoutMs?: number;
  /** Believe only successes that are signed with the secret. @default true */
  verify?: boolean;
  /** @default that of the platform */
  fetch?: typeof globalThis.fetch;
  /** @default that of the platform; browsers have it on secure pages only */
  crypto?: SigningCrypto;
  /** Milliseconds since 1970. @default Date.now */
  now?: () => number;
}

export interface CallOptions {
  signal?: AbortSignal;
  /** Instead of the client's own. */
  timeoutMs?: number;
  /** Sent as well: "idempotency-key". Headers are not covered by the signature. */
  headers?: Readonly<Record<string, string>>;
}

/** The body of every answer. */
interface Envelope {
  api: string;
  v: string;
  ret: { code: string; message: string; details?: Readonly<Record<string, unknown>> };
  data: unknown;
  requestId: string;
  serverTime: number;
}

interface Answer {
  status: number;
  envelope: Envelope;
}

/** Codes that a clock set by the answer's `serverTime` puts right. Nothing has run. */
const CLOCK_CODES = new Set(['timestamp-too-old', 'timestamp-ahead']);

/** Calls the APIs of a signed gateway. One client for as long as the app runs: it learns how wrong the clock is. */
export class GatewayClient {
  readonly #options: GatewayClientOptions;
  readonly #signer: Signer;
  #skewMs = 0;

  constructor(options: GatewayClientOptions) {
    this.#options = options;
    this.#signer = createSigner(options.secret, options.crypto ?? globalThis.crypto);
  }

  /** How far the server's clock is ahead of this one, in milliseconds, as far as it had to be learnt. */
  get clockSkewMs(): number {
    return this.#skewMs;
  }

  /**
   * Calls an API with data that has a JSON form; resolves with what its function returned. Throws GatewayError. A request that
   * is refused for its timestamp is sent again, once, by the server's clock; nothing else is sent twice.
   */
  async call<Data = unknown>(api: string, version: string, data?: unknown, options: CallOptions = {}): Promise<Data> {
    const { signal, timeoutMs = this.#options.timeoutMs ?? 15_000 } = options;
    const limit = limited(signal, timeoutMs);
    try {
      let answer = await this.#send(api, version, data, options, limit.signal);
      if (CLOCK_CODES.has(answer.envelope.ret.code)) {
        this.#skewMs = answer.envelope.serverTime - this.#now();
        answer = await this.#send(api, version, data, options, limit.signal);
      }
      const { status, envelope } = answer;
      const { code, message, details = {} } = envelope.ret;
      if (code !== 'ok') throw new GatewayError(code, message, { status, details, requestId: envelope.requestId });
      return envelope.data as Data;
    } finally {
      limit.release();
    }
  }

  async #send(
    api: string,
    version: string,
    data: unknown,
    { headers: further = {} }: CallOptions,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { url, appKey, device = '', session, fetch = globalThis.fetch, verify = true } = this.#options;
    const body = data === undefined ? '' : JSON.stringify(data);
    const nonce = this.#signer.nonce();
    const timestamp = String(Math.round(this.#now() + this.#skewMs));
    const token = session?.() ?? '';
    const parts = { api, version, appKey, timestamp, nonce, device, session: token };
    const headers: Record<string, string> = {
      ...further,
      'content-type': 'application/json',
      'x-bottle-app': appKey,
      'x-bottle-timestamp': timestamp,
      'x-bottle-nonce': nonce,
      'x-bottle-sign': await this.#signer.request(parts, body),
    };
    if (device !== '') headers['x-bottle-device'] = device;
    if (token !== '') headers['x-bottle-session'] = token;
    const { status, text, signature } = await exchange(fetch, `${url}/${api}/${version}`, { headers, body, signal });
    const envelope = parseEnvelope(text, status);
    if (verify && envelope.ret.code === 'ok' && signature !== (await this.#signer.response(nonce, status, text))) {
      const message = 'the answer is not signed with the secret of this app';
      throw new GatewayError('wrong-answer-signature', message, { status, requestId: envelope.requestId });
    }
    return { status, envelope };
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

async function exchange(
  fetch: typeof globalThis.fetch,
  url: string,
  { headers, body, signal }: { headers: Record<string, string>; body: string; signal: AbortSignal },
): Promise<{ status: number; text: string; signature: string }> {
  try {
    const response = await fetch(url, { method: 'POST', headers, body, signal });
    const text = await response.text();
    return { status: response.status, text, signature: response.headers.get('x-bottle-sign') ?? '' };
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    throw new GatewayError('network', 'the gateway cannot be reached', { cause });
  }
}

function parseEnvelope(text: string, status: number): Envelope {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new GatewayError('bad-answer', 'the answer is no envelope of the gateway', { status, cause });
  }
  const { ret } = (value ?? {}) as Partial<Envelope>;
  if (typeof ret?.code === 'string') return value as Envelope;
  throw new GatewayError('bad-answer', 'the answer is no envelope of the gateway', { status });
}

/** A signal that aborts with the caller's, or when the time is over. By hand: React Native has no AbortSignal.any. */
function limited(signal: AbortSignal | undefined, timeoutMs: number): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(new GatewayError('timeout', `no answer within ${timeoutMs} ms`));
  }, timeoutMs);
  const onAbort = (): void => controller.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();
  return {
    signal: controller.signal,
    release() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}
