// The way of one invocation inside the function container: context → beforeInvoke → function → afterInvoke → result.
import { inspect } from 'node:util';
import type { Readable } from 'node:stream';
import {
  BottleError,
  CallError,
  Code,
  DELIVERY_TYPE,
  type ErrorReport,
  type KnownSecrets,
  type LongestTurns,
  type Request__Output,
  type Response,
  toWireError,
} from '@bottle/protos';
import { type FaaSLogger, runInScope } from 'bottle-sdk';
import { DerivedScope } from '../bottle/call-scope.ts';
import type { FunctionRegistry, ReadyFunction } from '../load/function-registry.ts';
import { answerHttp } from '../http-results/answer-http.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import { ActiveInvocation, type InvocationServices } from './active-invocation.ts';
import { BaseContext } from './base-context.ts';
import { decodeEvent } from './decode-event.ts';
import { errorOfCancel } from './error-of-cancel.ts';
import { examinable } from './examinable.ts';
import { errorOfFailedCall } from './failed-call.ts';
import { EVENT_FORMATS, type EventFormat } from './event-formats.ts';
import { encodeEventResult, type EncodedResult } from './encode-result.ts';
import { RpcContext } from '../rpc/rpc-context.ts';
import { decodeRpcEvent, methodOf } from '../rpc/rpc-event.ts';
import type { ReplyEntries } from '../rpc/reply-entries.ts';
import { encodeRpcResult, withReply } from '../rpc/rpc-result.ts';
import { GatewayContext } from './gateway-context.ts';
import { HttpContext } from './http-context.ts';
import { MessagePacks } from './message-packs.ts';
import { type Cancellation, QueuedInvocation } from './queued-invocation.ts';
import { StartQueue } from './start-queue.ts';
import { authorsError, statedError, statedStatusOf, withHeaders } from './thrown-error.ts';
import { isEventStream } from './item-formats.ts';
import { collectBody } from './collect-body.ts';
import type { ResultStream } from './stream-format.ts';
import { BegunItems } from './stream-items.ts';

const NO_BYTES = Buffer.alloc(0);

export interface InvokerOptions {
  registry: FunctionRegistry;
  lifecycle: Lifecycle;
  services: InvocationServices;
  logger: FaaSLogger;
  turns: LongestTurns;
  /** An invocation has begun, or ended. */
  onProgress(): void;
  /** What developers get to see of an error; undefined: nothing. */
  explain: ((error: unknown) => ErrorReport) | undefined;
  /** What no error says that leaves. */
  secrets: KnownSecrets;
}

export type { Cancellation } from './queued-invocation.ts';

/** What a beginning invocation is given. */
interface Beginning {
  body: Readable | undefined;
  /** The event, decoded already. */
  given: { event: unknown } | undefined;
  /** On the clock of performance.now(). */
  begunAt: number;
  /** Milliseconds until its deadline. */
  remainingMs: number;
  /** Called when nothing of it runs any more, if its result said `unfinished`. */
  onOver(): void;
}

export class Invoker {
  readonly #options: InvokerOptions;
  readonly #packs: MessagePacks;
  readonly #starts: StartQueue;
  /** Those that were given up while their code runs on, with when that was. */
  readonly #givenUp = new Map<ActiveInvocation, number>();
  /** Those that have begun in this turn, and their calls. */
  readonly #begun: { invocation: ActiveInvocation; call: Cancellation }[] = [];
  #activeCount = 0;

  constructor(options: InvokerOptions) {
    this.#options = options;
    this.#starts = new StartQueue({
      weightOf: (name) => options.registry.concurrencyOf(name),
      onTurnEnd: () => this.#endTurn(),
      onStarts: (name, tookMs) => options.turns.took('function', tookMs, name),
    });
    this.#packs = new MessagePacks((request, cancellation, event) =>
      this.#queue(request, cancellation, undefined, { event }),
    );
  }

  /** Places of each function whose invocations are not over. */
  counts(): { target: string; held: number }[] {
    return [...this.#starts.shares].flatMap(([target, { held }]) => (held > 0 ? [{ target, held }] : []));
  }

  /** Invocations whose code runs on although they were given up, and since when, on the clock of performance.now(). */
  get givenUp(): ReadonlyMap<ActiveInvocation, number> {
    return this.#givenUp;
  }

  get activeCount(): number {
    return this.#activeCount;
  }

  /** The container stops: nothing is answered before it has ended. */
  leave(): void {
    this.#packs.isLeaving = true;
  }

  /**
   * Runs one invocation; always resolves, errors are results too. `body` is set when the request streams. A result that is
   * `unfinished` is followed by `call.over`.
   */
  invoke(request: Request__Output, call: Cancellation, body: Readable | undefined): Promise<EncodedResult> {
    const target = this.#options.registry.find(request.target);
    if (target instanceof BottleError) return Promise.resolve(this.#encodeError(target));
    const share = this.#starts.shareOf(request.target);
    const places = request.places || 1;
    share.held += places;
    const onOver = (): void => {
      share.held -= places;
      call.over?.();
    };
    const result =
      request.trigger === 'TRIGGER_KIND_MQ' && !body
        ? this.#invokeMessages(request, call, onOver)
        : this.#queue(request, call, body, undefined, onOver);
    return result.then((encoded) => {
      if (!encoded.response.unfinished) share.held -= places;
      return encoded;
    });
  }

  async #invokeMessages(request: Request__Output, call: Cancellation, onOver: () => void): Promise<EncodedResult> {
    try {
      if (request.contentType === DELIVERY_TYPE.pack) return await this.#packs.serve(request, call, onOver);
      await this.#packs.untilTurn(call);
      return await this.#queue(request, call, undefined, undefined, onOver);
    } catch (thrown) {
      const failure = examinable(thrown);
      return this.#encodeError(BottleError.from(failure), undefined, this.#options.explain?.(failure));
    }
  }

  /** Begins it when it is its turn. `given`: the event is decoded already. */
  #queue(
    request: Request__Output,
    call: Cancellation,
    body: Readable | undefined,
    given?: { event: unknown },
    onOver: () => void = () => call.over?.(),
  ): Promise<EncodedResult> {
    const target = this.#options.registry.find(request.target);
    if (target instanceof BottleError) return Promise.resolve(this.#encodeError(target));
    const timeoutMs =
      request.timeoutMs > 0 ? Math.min(request.timeoutMs, target.spec.timeoutMs) : target.spec.timeoutMs;
    const now = performance.now();
    const share = this.#starts.shareOf(request.target);
    if (this.#starts.beginsAtOnce(share, now)) {
      return this.#invoke(request, target, call, { body, given, begunAt: now, remainingMs: timeoutMs, onOver });
    }
    return new Promise((resolve) => {
      const onBegin = (begunAt: number, remainingMs: number): void => {
        void this.#invoke(request, target, call, { body, given, begunAt, remainingMs, onOver }).then(resolve);
      };
      const onFail = (error: BottleError): void => resolve(this.#encodeError(error));
      this.#starts.add(share, new QueuedInvocation(now + timeoutMs, call, { onBegin, onFail }));
    });
  }

  async #invoke(
    request: Request__Output,
    target: ReadyFunction,
    call: Cancellation,
    { body, given, begunAt, remainingMs, onOver }: Beginning,
  ): Promise<EncodedResult> {
    const { services, onProgress } = this.#options;
    const invocation = new ActiveInvocation(request, target.env, Math.ceil(remainingMs), services, begunAt);
    invocation.isPlain = target.handler.isPlain === true;
    this.#begun.push({ invocation, call });
    call.onCancel = (reason) => {
      if (!invocation.isOver) invocation.fail(errorOfCancel(reason));
    };
    this.#activeCount += 1;
    onProgress();
    try {
      const result = await this.#untilFailed(invocation, () => this.#run(invocation, target, body, given));
      if (result.stream) {
        this.#track(invocation, result.stream, onOver);
        return { ...result, response: { ...result.response, unfinished: true } };
      }
      this.#end(invocation);
      this.#starts.shareOf(request.target).tookMs(performance.now() - invocation.begunAt);
      return result;
    } catch (thrown) {
      const { error, report } = this.#failureOf(thrown, invocation);
      const result = this.#encodeError(error, invocation.replySoFar, report);
      if (invocation.hasReturned) this.#end(invocation);
      else {
        this.#followOn(invocation, onOver);
        result.response.unfinished = true;
      }
      return result;
    } finally {
      invocation.meetDeadline();
    }
  }

  /** What has begun in it, and is not answered, will take a while. */
  #endTurn(): void {
    for (const { invocation, call } of this.#begun) {
      if (invocation.hasReturned) continue;
      invocation.watchDeadline();
      call.started?.();
    }
    this.#begun.length = 0;
  }

  /** It was given up, and its code runs on: its place is taken until that has ended. */
  #followOn(invocation: ActiveInvocation, onOver: () => void): void {
    this.#givenUp.set(invocation, performance.now());
    invocation.onReturn = () => {
      this.#givenUp.delete(invocation);
      this.#end(invocation);
      onOver();
    };
  }

  /** Fails the invocation that stray code belongs to; false when it is over. */
  blame(scope: unknown, error: BottleError): boolean {
    const invocation = scope instanceof DerivedScope ? scope.parent : scope;
    if (!(invocation instanceof ActiveInvocation) || invocation.isOver) return false;
    invocation.fail(error);
    return true;
  }

  /** The invocation's code, or what fails it from outside, whichever comes first. */
  #untilFailed(invocation: ActiveInvocation, code: () => Promise<EncodedResult>): Promise<EncodedResult> {
    return new Promise((resolve, reject) => {
      invocation.onFail = reject;
      const onResult = (result: EncodedResult): void => {
        if (invocation.failure) result.stream?.cancel(); // nobody will read it
        invocation.returned();
        resolve(result);
      };
      const onThrown = (thrown: unknown): void => {
        invocation.returned();
        reject(thrown);
      };
      runInScope(invocation, code).then(onResult, onThrown);
    });
  }

  async #run(
    invocation: ActiveInvocation,
    target: ReadyFunction,
    body: Readable | undefined,
    given: { event: unknown } | undefined,
  ): Promise<EncodedResult> {
    const { lifecycle } = this.#options;
    const { request } = invocation;
    const format = EVENT_FORMATS[request.trigger];
    const method = request.trigger === 'TRIGGER_KIND_RPC' ? methodOf(request, target) : undefined;
    const event = given
      ? given.event
      : await (method
          ? decodeRpcEvent(request, method, body)
          : format
            ? formatted(format, request, target, body)
            : eventOf(request, target, body));
    const ctx = method ? new RpcContext(invocation, method) : contextOf(invocation, target, event, body);
    const call = (): unknown => {
      const returned = target.handler(ctx, event);
      return ctx instanceof RpcContext ? ctx.resultOf$(begunResult(returned, ctx)) : returned;
    };
    const encode = (result: unknown): EncodedResult | Promise<EncodedResult> => {
      if (ctx instanceof HttpContext && request.http) {
        return answerHttp(result, { http: ctx.originHttp, state: invocation.httpResponse, etag: ctx.etag });
      }
      if (method) {
        const toError = (thrown: unknown): BottleError => this.#masked(this.#toError(examinable(thrown), invocation));
        return encodeRpcResult(result, { method, reply: () => invocation.replySoFar, toError });
      }
      if (format?.encode) return format.encode(result, event, { request, masked: this.#masked });
      return encodeEventResult(result === undefined && ctx instanceof HttpContext ? ctx.body : result);
    };
    const leave = async (result: unknown): Promise<EncodedResult> => {
      const encoded = encode(BegunItems.isGenerator(result) ? await begunResult(result, ctx) : result);
      const whole = encoded instanceof Promise ? await encoded : encoded;
      return whole.stream ? this.#withBegunStream(invocation, whole, whole.stream) : whole;
    };
    if (format?.isOver?.(event)) return leave(undefined);
    if (!lifecycle.touchesInvocations) return leave(await call());

    lifecycle.extendContext(ctx);
    let result: unknown;
    let failure: { thrown: unknown } | undefined;
    try {
      await lifecycle.runBeforeInvoke(ctx);
      result = await call();
    } catch (thrown) {
      failure = { thrown };
    }
    await lifecycle.runAfterInvoke(ctx, failure?.thrown);
    if (failure) throw failure.thrown;
    return leave(result);
  }

  /** A streamed result leaves when its first item is here: what it fails with before is an answer of its own. */
  async #withBegunStream(
    invocation: ActiveInvocation,
    result: EncodedResult,
    stream: ResultStream,
  ): Promise<EncodedResult> {
    const { response } = result;
    // What streams over gRPC says in its last frame how it went.
    if (invocation.request.trigger === 'TRIGGER_KIND_RPC') return result;
    if (BODILESS.has(response.http?.status ?? 200)) {
      stream.cancel(); // whether it ever gives something does not matter
      return { response, bytes: NO_BYTES };
    }
    const reject = invocation.onFail;
    invocation.onFail = (error) => {
      stream.cancel();
      reject?.(error);
    };
    if (invocation.failure) invocation.onFail(invocation.failure);
    stream.declaredBytes = declaredBytesOf(invocation.request, response);
    await stream.begin();
    return stream.isOver ? { response, bytes: NO_BYTES } : result;
  }

  /**
   * A streaming invocation is under way until its stream ends; when the reader leaves, its signal aborts. When the function
   * fails the reader is cut off, and as no status tells why, the log does.
   */
  #track(invocation: ActiveInvocation, stream: ResultStream, onOver: () => void): void {
    invocation.onFail = (error) => stream.fail(error); // stray code of its function, which is logged, or a cancel
    stream.explain = (thrown) => {
      const error = examinable(thrown);
      if (error instanceof CallError) return this.#masked(errorOfFailedCall(error, invocation));
      invocation.logger.error({ err: error ?? messageOf(error) }, 'function failed');
      if (error instanceof BottleError) return this.#masked(error);
      return new BottleError(Code.INTERNAL, 'function-error', 'internal error');
    };
    stream.onEnd = (ending) => {
      this.#end(invocation);
      invocation.onFail = undefined;
      if (ending === 'cancelled') invocation.fail(errorOfCancel('client-closed'));
      onOver();
    };
  }

  /** An error as a result, with what its function has added to the response before. */
  #encodeError(error: BottleError, reply?: ReplyEntries, report?: ErrorReport): EncodedResult {
    return { response: withReply({ error: toWireError(this.#masked(error), report) }, reply), bytes: NO_BYTES };
  }

  readonly #masked = (error: BottleError): BottleError => this.#options.secrets.maskError(error);

  #end(invocation: ActiveInvocation): void {
    invocation.end();
    this.#activeCount -= 1;
    this.#options.onProgress();
  }

  #failureOf(thrown: unknown, invocation: ActiveInvocation): { error: BottleError; report: ErrorReport | undefined } {
    const failure = examinable(thrown);
    return { error: this.#toError(failure, invocation), report: this.#options.explain?.(failure) };
  }

  /** What a function threw as the error that leaves; surprises are logged here, once. */
  #toError(thrown: unknown, invocation: ActiveInvocation): BottleError {
    const status = statedStatusOf(thrown);
    if (thrown instanceof CallError && status === undefined) return errorOfFailedCall(thrown, invocation);
    const { httpResponse } = invocation;
    if (thrown instanceof BottleError && !(thrown instanceof CallError)) {
      if (thrown.cause !== undefined) invocation.logger.error({ err: thrown }, 'function failed');
      const isOfMessage = invocation.request.trigger === 'TRIGGER_KIND_MQ' && thrown !== invocation.signal.reason;
      return withHeaders(isOfMessage ? authorsError(thrown) : thrown, undefined, httpResponse);
    }
    invocation.logger.error({ err: thrown ?? messageOf(thrown) }, 'function failed');
    // What becomes of a message is for operators alone: a dead letter says what went wrong.
    const hidden = invocation.request.trigger === 'TRIGGER_KIND_MQ' ? messageOf(thrown) : 'internal error';
    if (status === undefined) return new BottleError(Code.INTERNAL, 'function-error', hidden);
    return withHeaders(statedError(thrown as Error, status, hidden), thrown, httpResponse);
  }
}

/** Responses without a body. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

function contextOf(
  invocation: ActiveInvocation,
  { spec }: ReadyFunction,
  event: unknown,
  body: Readable | undefined,
): BaseContext {
  const { http, trigger } = invocation.request;
  if (http) return new HttpContext(invocation, http, { event, stream: body, etag: spec.etag });
  const [route] = spec.triggers.http;
  if (route && trigger === 'TRIGGER_KIND_EVENT') {
    // Called directly, a function that is written for routes finds what it looks at, and it is empty.
    const { methods, path } = route;
    const nobodys = { method: methods[0] ?? 'GET', url: path, route: path, params: [], headers: [], remoteAddress: '' };
    return new HttpContext(invocation, nobodys, { event, stream: body, etag: false });
  }
  return trigger === 'TRIGGER_KIND_GATEWAY' ? new GatewayContext(invocation) : new BaseContext(invocation);
}

/** The stream itself on routes that ask for it; everything else is collected (the sidecar bounds it) and decoded. */
async function eventOf(request: Request__Output, target: ReadyFunction, body: Readable | undefined): Promise<unknown> {
  const contentType = request.contentType === '' && !request.http ? 'application/json' : request.contentType;
  if (!body) return decodeEvent(request.body, contentType);
  if (target.streamsBody(request.http)) return body;
  await collect(request, body);
  return decodeEvent(request.body, contentType);
}

async function formatted(
  format: EventFormat,
  request: Request__Output,
  target: ReadyFunction,
  body: Readable | undefined,
): Promise<unknown> {
  if (body) await collect(request, body);
  return format.decode(request, target);
}

/** A body that is larger than a frame: the sidecar bounds it. */
async function collect(request: Request__Output, body: Readable): Promise<void> {
  request.body = await collectBody(body, declaredBodyBytes(request));
}

/** What the head of a request says of its body; undefined where it says nothing. */
function declaredBodyBytes({ http }: Request__Output): number | undefined {
  const { headers = [] } = http ?? {};
  const at = headers.findIndex((name, index) => index % 2 === 0 && name === 'content-length');
  return at === -1 ? undefined : Number(headers[at + 1]);
}

function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  return typeof thrown === 'string' && thrown !== '' ? thrown : `the function threw ${inspect(thrown, { depth: 1 })}`;
}

/** A generator is run to its first item: what it says of its response, and what it throws, is in time for the head. */
async function begunResult(returned: unknown, ctx: BaseContext): Promise<unknown> {
  const result = await returned;
  if (!BegunItems.isGenerator(result)) return result;
  return BegunItems.begin(result, () => isEventStream((ctx as { type?: string }).type));
}

/** The length of a body that is sent with its head; undefined where the head promises none, or none is sent. */
function declaredBytesOf({ http: request }: Request__Output, { http }: Response): number | undefined {
  const { status = 0, headers = [] } = http ?? {};
  if (request?.method === 'HEAD' || status === 204 || status === 304) return undefined;
  const at = headers.findLastIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'content-length');
  if (at === -1) return undefined;
  const text = headers[at + 1] ?? '';
  if (/^\d+$/.test(text)) return Number(text);
  throw new TypeError(`the result's content-length is ${JSON.stringify(text)}, which is not a length`);
}
