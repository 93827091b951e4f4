import type { CallContext, StreamMethod, UnaryMethod } from '@bottle/capabilities';
import {
  type AnyMethod,
  BottleError,
  CallError,
  CAPABILITY_NAMES,
  type CapabilityName,
  Code,
  definitionOf,
  type MessageStream,
} from '@bottle/protos';
import type { BottleScope, ProcessScope, ScopeAttachment, ScopedCall, ScopedStream } from '../scope.ts';
import type { FakeResources } from './fake-resources.ts';
import type { Faults } from './faults.ts';

/** One call that code under test made. */
export interface RecordedCall {
  /** "cache.sessions" */
  resource: string;
  /** "get", "publish" */
  operation: string;
  /** The message as the contract defines it. */
  message: unknown;
  /** What it failed with. */
  error?: BottleError;
}

export interface FakeServices {
  resources: FakeResources;
  faults: Faults;
  record(call: RecordedCall): void;
}

const FOREVER_MS = 2 ** 31 - 1;

/** Serves bottle calls in this process: the same contracts, methods and embedded drivers as a sidecar. */
export class FakeScope implements ProcessScope {
  readonly #services: FakeServices;
  readonly #root: FakeScope | undefined;
  readonly #deadlineMs: number;
  readonly #closing = new AbortController();
  readonly #shared = new Map<string, unknown>();

  constructor(services: FakeServices, root?: FakeScope, deadlineMs = Number.POSITIVE_INFINITY) {
    this.#services = services;
    this.#root = root;
    this.#deadlineMs = deadlineMs;
  }

  get process(): ProcessScope {
    return this.#root ?? this;
  }

  shared<Value>(key: string, create: () => Value): Value {
    if (!this.#shared.has(key)) this.#shared.set(key, create());
    return this.#shared.get(key) as Value;
  }

  derive({ timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal | undefined }): BottleScope & Disposable {
    const derived = new FakeScope(this.#services, this.#root ?? this, Date.now() + timeoutMs);
    const onAbort = (): void => derived.close(errorOfReason(signal?.reason ?? this.#closing.signal.reason));
    const signals = signal ? [signal, this.#closing.signal] : [this.#closing.signal];
    for (const each of signals) each.addEventListener('abort', onAbort, { once: true });
    return Object.assign(derived, {
      [Symbol.dispose]() {
        for (const each of signals) each.removeEventListener('abort', onAbort);
        derived.close(new CallError(Code.CANCELLED, 'cancelled', 'the scope has ended'));
      },
    });
  }

  attach({ onClose, onOver }: ScopeAttachment): () => void {
    const { signal } = this.#closing;
    const onAbort = (): void => {
      onClose(signal.reason as Error);
      onOver();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    return () => signal.removeEventListener('abort', onAbort);
  }

  close(error: BottleError): void {
    this.#closing.abort(error);
  }

  async call({ target, body, signal, timeoutMs }: ScopedCall): Promise<Buffer> {
    const [, capabilityName = '', methodName = '', resource = ''] = /^(\w+)\.(\w+)\/(.+)$/.exec(target) ?? [];
    const protoName = methodName.charAt(0).toUpperCase() + methodName.slice(1);
    const { capability, driver, codec } = this.#find(capabilityName, resource, protoName);
    const method = capability.methods[methodName] as UnaryMethod<unknown, object> | undefined;
    if (method?.kind !== 'unary') throw noMethod(target);
    using call = this.#begin(resource, signal, timeoutMs);
    const message = codec.requestDeserialize(body);
    const { operation } = method.facts(message);
    const recorded: RecordedCall = { resource: `${capabilityName}.${resource}`, operation, message };
    this.#services.record(recorded);
    try {
      const answer = await call.untilAborted(async () => {
        await this.#services.faults.meet(recorded.resource, operation, call.signal);
        return method.serve(driver, message, call);
      });
      return codec.responseSerialize(answer);
    } catch (thrown) {
      recorded.error = explain(thrown, recorded);
      throw recorded.error;
    }
  }

  open({ path, resource: id, signal, timeoutMs }: ScopedStream): MessageStream {
    const [, capabilityName = '', resource = ''] = /^(\w+)\.(.+)$/.exec(id) ?? [];
    const protoName = path.slice(path.lastIndexOf('/') + 1);
    const { capability, driver, codec } = this.#find(capabilityName, resource, protoName);
    const methodName = protoName.charAt(0).toLowerCase() + protoName.slice(1);
    const method = capability.methods[methodName] as StreamMethod<unknown, object> | undefined;
    if (method?.kind !== 'stream') throw noMethod(path);
    const call = this.#begin(resource, signal, timeoutMs);
    const recorded: RecordedCall = { resource: id, operation: method.facts.operation, message: undefined };
    this.#services.record(recorded);
    const requests = new MessageQueue(call.signal);
    const { faults } = this.#services;
    async function* decoded(): AsyncGenerator<object> {
      for await (const bytes of requests) yield codec.requestDeserialize(bytes);
    }
    async function* answers(): AsyncGenerator<Buffer> {
      try {
        await faults.meet(id, recorded.operation, call.signal);
        const served = method?.serve(driver, decoded() as never, call) ?? [];
        const iterator = served[Symbol.asyncIterator as never] as unknown as () => AsyncIterator<object>;
        const each = iterator.call(served);
        try {
          for (;;) {
            const next = await call.untilAborted(() => each.next());
            if (next.done) return;
            yield codec.responseSerialize(next.value);
          }
        } finally {
          call.cancel();
          await each.return?.();
        }
      } catch (thrown) {
        recorded.error = explain(thrown, recorded);
        throw recorded.error;
      } finally {
        call[Symbol.dispose]();
      }
    }
    const iterator = answers();
    return {
      async send(message) {
        call.signal.throwIfAborted();
        requests.push(message);
      },
      end: () => requests.end(),
      cancel: () => call.cancel(),
      [Symbol.asyncIterator]: () => iterator,
    };
  }

  #find(capabilityName: string, resource: string, protoName: string) {
    if (!(CAPABILITY_NAMES as readonly string[]).includes(capabilityName)) throw noMethod(capabilityName);
    const name = capabilityName as CapabilityName;
    const codec = (definitionOf(name) as unknown as Record<string, AnyMethod | undefined>)[protoName];
    if (!codec) throw noMethod(`${capabilityName}.${protoName}`);
    return { ...this.#services.resources.find(name, resource), codec };
  }

  #begin(resource: string, signal: AbortSignal | undefined, timeoutMs: number | undefined): FakeCall {
    const remainingMs = Math.min(this.#deadlineMs - Date.now(), timeoutMs ?? Number.POSITIVE_INFINITY);
    const signals = signal ? [signal, this.#closing.signal] : [this.#closing.signal];
    return new FakeCall(resource, signals, remainingMs);
  }
}

/** What a call knows, and what ends it early. */
class FakeCall implements CallContext, Disposable {
  readonly resource: string;
  readonly caller = '';
  readonly invocationId = '';
  readonly traceparent = '';
  readonly baggage = '';
  readonly readOnly = false;
  readonly timeoutMs: number;
  readonly #controller = new AbortController();
  readonly #signals: readonly AbortSignal[];
  readonly #onAbort: () => void;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(resource: string, signals: readonly AbortSignal[], remainingMs: number) {
    this.resource = resource;
    this.timeoutMs = Number.isFinite(remainingMs) ? Math.max(1, Math.ceil(remainingMs)) : 0;
    this.#signals = signals;
    this.#onAbort = () => this.cancel(signals.find(({ aborted }) => aborted)?.reason);
    for (const signal of signals) signal.addEventListener('abort', this.#onAbort, { once: true });
    if (signals.some(({ aborted }) => aborted)) this.#onAbort();
    if (remainingMs > FOREVER_MS) return;
    const error = new CallError(Code.DEADLINE_EXCEEDED, 'deadline', 'the deadline has passed');
    if (remainingMs <= 0) this.cancel(error);
    else this.#timer = setTimeout(() => this.cancel(error), remainingMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  cancel(reason?: unknown): void {
    this.#controller.abort(errorOfReason(reason));
  }

  /** What the work comes to, or why it was given up. */
  async untilAborted<Result>(work: () => Promise<Result>): Promise<Result> {
    this.signal.throwIfAborted();
    const given = Promise.withResolvers<never>();
    const onAbort = (): void => given.reject(this.signal.reason as Error);
    this.signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([work(), given.promise]);
    } finally {
      this.signal.removeEventListener('abort', onAbort);
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const signal of this.#signals) signal.removeEventListener('abort', this.#onAbort);
  }
}

/** Messages between the two ends of a stream. */
class MessageQueue implements AsyncIterable<Buffer> {
  readonly #messages: Buffer[] = [];
  #ended = false;
  #wake: (() => void) | undefined;
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#wake?.(), { once: true });
  }

  push(message: Buffer): void {
    this.#messages.push(message);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for (;;) {
      this.#signal.throwIfAborted();
      const next = this.#messages.shift();
      if (next) yield next;
      else if (this.#ended) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

function explain(thrown: unknown, { resource, operation }: RecordedCall): BottleError {
  const error = thrown instanceof BottleError ? thrown : errorOfReason(thrown);
  const { code, reason, message, cause, retryable, httpStatus } = error;
  const details = { resource, operation, retryable, ...error.details };
  return new CallError(code, reason, message, { details, cause, httpStatus });
}

function errorOfReason(reason: unknown): BottleError {
  if (reason instanceof BottleError) return reason;
  if (reason instanceof DOMException && reason.name === 'TimeoutError')
    return new CallError(Code.DEADLINE_EXCEEDED, 'deadline', 'the deadline has passed');
  if (reason === undefined || reason instanceof DOMException)
    return new CallError(Code.CANCELLED, 'cancelled', 'the call was given up');
  return BottleError.from(reason);
}

function noMethod(name: string): BottleError {
  return new CallError(Code.UNIMPLEMENTED, 'no-operation', `there is no method ${name}`);
}
