// Endpoints: POST <path>/<api>/<version> for every `mtop` trigger, "/gw/shop.cart.add/1.0". A request passes these checks
// in order, and each has a code of its own: form → app → time → signature → API and version → nonce → session.
import { createHash } from 'node:crypto';
import { BottleError, Code, fromWireError, type GatewayTrigger__Output } from '@bottle/protos';
import type { CarryEvent } from '../../event-invocation.ts';
import { idempotencyOf } from '../../idempotency-key.ts';
import type { HttpAnswer, HttpAnswerMessage, HttpProtocol, ProtocolRequest } from '../../layer.ts';
import { type Api, type Apis, apisOf, findApi } from './apis.ts';
import { dataOf, type EnvelopeHead, envelopeOf, failureEnvelope } from './envelope.ts';
import type { GatewayStore } from './gateway-store.ts';
import { canonicalRequest, canonicalResponse, secretOf, sign, type SignedParts } from './signature.ts';
import { apiOf, readSignedRequest } from './signed-request.ts';

/** `gateway` of sidecar.yml. */
interface GatewaySettings {
  /** "/gw" */
  path: string;
  /** How far a request's timestamp may be from this pod's clock, either way. */
  windowMs: number;
  /** By app key; several secrets while they are changed. */
  apps: Readonly<Record<string, { secret: readonly string[] }>>;
}

export interface GatewayOptions {
  settings: GatewaySettings;
  store: GatewayStore;
  carryEvent: CarryEvent;
  /** Milliseconds since 1970. @default Date.now */
  now?: () => number;
  /** Each answer, with its code: "ok", one of the gateway's own, or "function-error" for those of functions. */
  observe(api: string, version: string, code: string): void;
  /** Why no session can be found; undefined: there is a cache for them. */
  sessionsMissing: string | undefined;
  log: { warn(fields: object, message: string): void; error(fields: object, message: string): void };
}

/** A request that has passed a part of its way. */
interface Progress {
  head: EnvelopeHead;
  functionName: string;
  /** Set once the signature is known to be right: the answer is signed with it, too. */
  verified: { parts: SignedParts; secret: string } | undefined;
  /** The function has been asked: errors are its own. */
  invoked: boolean;
}

/** The signed gateway for mobile clients. Every answer is an envelope. */
export function createGateway({
  settings,
  store,
  carryEvent,
  now = Date.now,
  observe,
  sessionsMissing,
  log,
}: GatewayOptions): HttpProtocol {
  const { path, windowMs } = settings;
  const apps = new Map(Object.entries(settings.apps));
  let apis: Apis = new Map();
  let warned = false;
  let withSessions = '';

  async function answer(request: ProtocolRequest): Promise<HttpAnswer> {
    const { api, version } = apiOf(request.http.url, path);
    const head: EnvelopeHead = { api, version, requestId: request.id, serverTime: now() };
    const progress: Progress = { head, functionName: '', verified: undefined, invoked: false };
    try {
      const data = await serve(request, progress);
      return finish(progress, envelopeOf({ ...head, serverTime: now() }, data), undefined);
    } catch (thrown) {
      const error = BottleError.from(thrown);
      return finish(progress, failureEnvelope({ ...head, serverTime: now() }, error), error);
    }
  }

  function finish(progress: Progress, message: HttpAnswerMessage, error: BottleError | undefined): HttpAnswer {
    const { verified, functionName, invoked } = progress;
    const { api, version } = functionName === '' ? { api: '', version: '' } : progress.head; // labels are not for strangers
    observe(api, version, error ? (invoked ? 'function-error' : error.reason) : 'ok');
    if (!verified) return { functionName, error, response: message };
    const text = canonicalResponse(verified.parts.nonce, message.status, message.body);
    const headers = [...message.headers, 'x-bottle-sign', sign(text, verified.secret)];
    return { functionName, error, response: { ...message, headers } };
  }

  async function serve(request: ProtocolRequest, progress: Progress): Promise<Buffer> {
    const { parts, signature } = readSignedRequest(request, path);
    const app = apps.get(parts.appKey);
    if (!app) throw new BottleError(Code.UNAUTHENTICATED, 'unknown-app', 'there is no app with this key');
    assertTime(Number(parts.timestamp));
    const body = await request.readBody();
    const secret = secretOf(signature, canonicalRequest(parts, body), app.secret);
    if (secret === undefined) {
      throw new BottleError(Code.UNAUTHENTICATED, 'wrong-signature', 'the signature is not that of this request');
    }
    progress.verified = { parts, secret };
    const { functionName, trigger } = findApi(apis, parts);
    progress.functionName = functionName;
    assertTime(Number(parts.timestamp)); // the body may have taken long, and the nonce is kept for the window only
    if (!(await store.claimNonce(parts.appKey, parts.nonce))) {
      throw new BottleError(Code.ALREADY_EXISTS, 'replayed', 'a request with this nonce has been here before');
    }
    const session = await sessionFor(trigger, parts.session);
    progress.invoked = true;
    return await invoke(request, { functionName, trigger }, { parts, body, session });
  }

  function assertTime(timestamp: number): void {
    const aheadMs = timestamp - now();
    if (Math.abs(aheadMs) <= windowMs) return;
    const options = { details: { windowMs } };
    if (aheadMs < 0) {
      const message = 'the timestamp is too long ago; serverTime says how late it is here';
      throw new BottleError(Code.UNAUTHENTICATED, 'timestamp-too-old', message, options);
    }
    const message = 'the timestamp is in the future; serverTime says how late it is here';
    throw new BottleError(Code.UNAUTHENTICATED, 'timestamp-ahead', message, options);
  }

  async function sessionFor(trigger: GatewayTrigger__Output, token: string): Promise<string | undefined> {
    if (trigger.session === 'none') return undefined;
    const session = token === '' ? undefined : await store.findSession(token);
    if (session) return JSON.stringify(session);
    if (trigger.session !== 'required') return undefined;
    if (token === '') throw new BottleError(Code.UNAUTHENTICATED, 'session-missing', 'this API needs a session');
    throw new BottleError(Code.UNAUTHENTICATED, 'session-unknown', 'the session has ended, or never was');
  }

  async function invoke(
    request: ProtocolRequest,
    { functionName, trigger }: Api,
    { parts, body, session }: { parts: SignedParts; body: Buffer; session: string | undefined },
  ): Promise<Buffer> {
    const { id, http, timeoutMs, traceparent, baggage, signal } = request;
    const { api, version, appKey, device } = parts;
    const attributes = ['api', api, 'version', version, 'appKey', appKey, 'device', device];
    if (session !== undefined) attributes.push('session', session);
    const response = await carryEvent({
      id,
      function: functionName,
      contentType: http.contentType === '' ? 'application/json' : http.contentType,
      body,
      timeoutMs,
      traceparent,
      baggage,
      caller: '',
      trigger: 'TRIGGER_KIND_GATEWAY',
      attributes,
      idempotency: idempotencyOf(trigger.idempotency, {
        scope: scopeOf(parts),
        payload: body,
        header: (name) => request.header(name),
        attributes,
      }),
      signal,
    });
    if (response.error) throw fromWireError(response.error);
    return dataOf(response);
  }

  /** Only APIs that look for one need a place where sessions are. */
  function complainOfSessions(): void {
    if (sessionsMissing === undefined || apps.size === 0) return;
    const names = [...apis.values()]
      .flatMap((versions) => [...versions.values()])
      .filter(({ trigger }) => trigger.session !== 'none')
      .map(({ trigger }) => `${trigger.api}/${trigger.version}`);
    if (names.length === 0 || names.join() === withSessions) return;
    withSessions = names.join();
    log.error({ apis: names }, `these APIs take sessions (\`session: none\` would be without), and ${sessionsMissing}`);
  }

  return {
    get isActive() {
      return apis.size > 0;
    },
    apply(table) {
      apis = apisOf(table);
      complainOfSessions();
      if (apis.size === 0 || apps.size > 0 || warned) return;
      warned = true;
      log.warn({ apis: [...apis.keys()] }, 'no client can call the gateway: gateway.apps of sidecar.yml has no app');
    },
    claims: ({ url }) => url.startsWith(path) && url[path.length] === '/',
    answer,
  };
}

/** Whose repeats may get a stored answer: those of one session, or of one device while nobody is signed in. */
function scopeOf({ api, version, appKey, device, session }: SignedParts): string {
  const who = createHash('sha256')
    .update(session === '' ? `device ${device}` : `session ${session}`)
    .digest('base64url');
  return `${api}/${version}/${appKey}/${who}`;
}
