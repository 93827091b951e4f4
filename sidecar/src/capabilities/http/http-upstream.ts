// An HTTP upstream. A request goes through: egress rules → operator's headers → repeats → redirects, each of which goes
// through the egress rules again. The head must come within the policy's time; the body may last as long as its caller.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext, HttpAnswer, HttpDriver, HttpFetch } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import { Agent, buildConnector } from 'undici';
import type { HttpUpstreamConfig } from '../../resources-config.ts';
import type { NamedDriverContext } from '../drivers.ts';
import { Repeats } from '../repeats.ts';
import { createEgress } from './egress.ts';
import { Patience } from './patience.ts';
import { ReplayableBody } from './replayable-body.ts';
import { answerHeaders, type HeaderList, withCallHeaders, withInjected } from './request-headers.ts';
import { type Hop, locationOf, nextHop } from './redirect.ts';
import { type ReceivedHead, send } from './send.ts';

const CONNECT_TIMEOUT_MS = 5_000;
/** Methods that change nothing (RFC 9110, 9.2.1). */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Methods that may be sent again by whoever wants to (RFC 9110, 9.2.2). */
const IDEMPOTENT_METHODS = new Set(['PUT', 'DELETE']);
/** Answers of something that stands before the upstream, or of an upstream that has no time. */
const TRANSIENT_STATUSES = new Set([502, 503, 504]);

/**
 * An upstream behind undici. It has no standing connection whose loss could be a problem: whether it answers is known
 * by its calls, and so by the breaker.
 */
export async function createHttpUpstream(
  settings: HttpUpstreamConfig,
  { id }: Pick<NamedDriverContext, 'id'>,
): Promise<HttpDriver> {
  const { policy, maxRedirects } = settings;
  const base = new URL(settings.baseUrl);
  const injected = injectedHeaders(settings.headers, base);
  const egress = createEgress({ ...settings, id });
  const repeats = new Repeats(policy.retry);
  const agent = new Agent({
    connections: settings.connections,
    allowH2: false, // `connections` is then what bounds the requests under way
    connect: buildConnector({ allowH2: false, lookup: egress.lookup, timeout: CONNECT_TIMEOUT_MS }),
  });

  /** One hop, repeated while the policy allows it and it is safe. */
  async function sendRepeating(hop: Hop, patience: Patience): Promise<ReceivedHead> {
    const mayRepeat = SAFE_METHODS.has(hop.method) && !hop.body;
    for (let attempt = 1; ; attempt++) {
      const outcome = await sendHop(hop, patience).catch((error: unknown) => BottleError.from(error));
      const failed = outcome instanceof BottleError;
      const transient = failed ? outcome.code === Code.UNAVAILABLE : TRANSIENT_STATUSES.has(outcome.status);
      const pauseMs = mayRepeat && transient ? repeats.take(attempt) : undefined;
      const waitMs = Math.max(pauseMs ?? 0, failed ? 0 : retryAfterMs(outcome));
      if (pauseMs === undefined || waitMs >= patience.leftMs) {
        if (failed) throw outcome;
        return outcome;
      }
      if (!failed) outcome.discard();
      await sleep(waitMs, undefined, { signal: patience.signal }).catch(() => {
        throw BottleError.from(patience.signal.reason);
      });
    }
  }

  function sendHop({ url, method, headers, body, isHome }: Hop, { signal }: Patience): Promise<ReceivedHead> {
    const all = isHome ? withInjected(headers, injected) : headers;
    return send({ dispatcher: agent, url, method, headers: all, body: body?.read(), signal, id });
  }

  async function fetch(request: HttpFetch, call: CallContext): Promise<HttpAnswer> {
    call.signal.throwIfAborted();
    repeats.begin();
    const patience = new Patience(policy.timeoutMs, call.signal);
    const url = egress.resolve(request.url);
    const isHome = egress.isHome(url);
    const body = request.body && new ReplayableBody(request.body, () => patience.refresh());
    const isSafe = SAFE_METHODS.has(request.method);
    if (isSafe) call.outcome = 'not-done';
    call.isIdempotent = isSafe || IDEMPOTENT_METHODS.has(request.method);
    let hop: Hop = { url, isHome, method: request.method, headers: headersOf(request, call), body };
    try {
      for (let redirects = 0; ; redirects++) {
        const head = await sendRepeating(hop, patience);
        if (!isSafe) call.outcome = 'done'; // whatever becomes of the answer's body
        const location = request.redirect === 'manual' ? undefined : locationOf(head);
        if (location === undefined) return toAnswer(head, hop.url, redirects > 0);
        head.discard();
        if (request.redirect === 'error') throw badRedirect(`${id} answered with a redirect`);
        if (redirects === maxRedirects) throw badRedirect(`${id} redirected more than ${maxRedirects} times`);
        hop = nextHop(hop, head.status, { url: egress.follow(hop.url, location), injected, id });
      }
    } finally {
      patience.end();
    }
  }

  return {
    problem: undefined,
    fetch,
    async ping() {
      const headers = withInjected(['accept', '*/*', 'user-agent', 'bottle'], injected);
      const signal = AbortSignal.timeout(policy.timeoutMs);
      const head = await send({
        dispatcher: agent,
        url: egress.resolve(''),
        method: 'HEAD',
        headers,
        body: undefined,
        signal,
        id,
      });
      head.discard();
    },
    close: () => agent.destroy(),
  };
}

function headersOf(request: HttpFetch, call: CallContext): HeaderList {
  return withCallHeaders(request.headers, call);
}

function toAnswer(head: ReceivedHead, url: URL, redirected: boolean): HttpAnswer {
  const { status, statusText } = head;
  return { status, statusText, headers: answerHeaders(head.headers), url: url.href, redirected, body: head.body() };
}

/** Credentials of the base URL are a header like any other. */
function injectedHeaders(headers: Readonly<Record<string, string>>, base: URL): Readonly<Record<string, string>> {
  if (base.username === '' && base.password === '') return headers;
  const credentials = `${decodeURIComponent(base.username)}:${decodeURIComponent(base.password)}`;
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}`, ...headers };
}

/** What the upstream asks for: seconds or a date. */
function retryAfterMs({ headers }: ReceivedHead): number {
  const value = String(headers['retry-after'] ?? '');
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}

function badRedirect(message: string): BottleError {
  return new BottleError(Code.FAILED_PRECONDITION, 'bad-redirect', message);
}
