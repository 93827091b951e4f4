import { CallError, type CapabilityName, Code, type MessageStream } from '@bottle/protos';
import type { MethodDefinition } from '@grpc/proto-loader';
import { CallSite } from './call-site.ts';
import type { BottleScope } from './scope.ts';

/** What every call may be given. The invocation's own deadline and signal hold in any case. */
export interface CallOptions {
  /** Gives the call up. */
  signal?: AbortSignal | undefined;
  /** Lowers the deadline, in milliseconds from now. */
  timeoutMs?: number | undefined;
}

/** Typed calls to one resource: what the clients of all capabilities are made of. */
export class ResourceCalls {
  readonly capability: CapabilityName;
  readonly resource: string;
  readonly #scopeOf: () => BottleScope;
  readonly #id: string;
  readonly #targets = new Map<string, string>();

  constructor(scopeOf: () => BottleScope, capability: CapabilityName, resource: string) {
    if (resource === '') throw new CallError(Code.INVALID_ARGUMENT, 'no-resource', `${capability}('') has no name`);
    this.#scopeOf = scopeOf;
    this.capability = capability;
    this.resource = resource;
    this.#id = `${capability}.${resource}`;
  }

  get scope(): BottleScope {
    return this.#scopeOf();
  }

  /** The same resource within another scope. */
  inScope(scope: BottleScope): ResourceCalls {
    return new ResourceCalls(() => scope, this.capability, this.resource);
  }

  /** One message, one answer. */
  async unary<Request, Answer>(
    method: MethodDefinition<Request, object, object, Answer>,
    request: Request,
    options?: CallOptions,
  ): Promise<Answer> {
    const scope = this.#scopeOf();
    const site = scope.isPlain ? new CallSite() : undefined;
    try {
      const answer = await scope.call({
        target: this.#targetOf(method.path),
        path: method.path,
        resource: this.#id,
        body: method.requestSerialize(request),
        signal: options?.signal,
        timeoutMs: options?.timeoutMs,
      });
      return method.responseDeserialize(answer);
    } catch (error) {
      site?.addTo(error);
      throw error;
    }
  }

  /** Messages either way. */
  stream<Request, Answer>(
    method: MethodDefinition<Request, object, object, Answer>,
    options?: CallOptions,
  ): TypedStream<Request, Answer> {
    const { signal, timeoutMs } = options ?? {};
    const stream = this.#scopeOf().open({ path: method.path, resource: this.#id, signal, timeoutMs });
    return new TypedStream(stream, method);
  }

  /** One message, a stream of answers. */
  async *answers<Request, Answer>(
    method: MethodDefinition<Request, object, object, Answer>,
    request: Request,
    options?: CallOptions,
  ): AsyncGenerator<Answer> {
    const stream = this.stream(method, options);
    await stream.send(request);
    stream.end();
    yield* stream;
  }

  /** `<capability>.<method>/<resource>` of "/bottle.v1.Cache/Execute". */
  #targetOf(path: string): string {
    let target = this.#targets.get(path);
    if (target === undefined) {
      const method = path.slice(path.lastIndexOf('/') + 1);
      target = `${this.capability}.${method.charAt(0).toLowerCase()}${method.slice(1)}/${this.resource}`;
      this.#targets.set(path, target);
    }
    return target;
  }
}

/** A message stream whose messages are objects. */
export class TypedStream<Request, Answer> {
  readonly #stream: MessageStream;
  readonly #method: MethodDefinition<Request, object, object, Answer>;

  constructor(stream: MessageStream, method: MethodDefinition<Request, object, object, Answer>) {
    this.#stream = stream;
    this.#method = method;
  }

  send(request: Request): Promise<void> {
    return this.#stream.send(this.#method.requestSerialize(request));
  }

  end(): void {
    this.#stream.end();
  }

  cancel(): void {
    this.#stream.cancel();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Answer> {
    for await (const bytes of this.#stream) yield this.#method.responseDeserialize(bytes);
  }
}
