import { CallError, Code, definitionOf, type RpcFrame } from '@bottle/protos';
import { FrameSender, type FrameSource } from '../frame-sender.ts';
import type { CallOptions, ResourceCalls } from '../resource-calls.ts';
import { fromEntries, type GrpcMetadata, type ReceivedMetadata, toEntries } from './grpc-metadata.ts';

export interface GrpcCallOptions extends CallOptions {
  /** Sent with the call, below what the operator adds. */
  metadata?: GrpcMetadata;
  /** A unary method that changes nothing: the call may be repeated within the resource's policy. @default false */
  idempotent?: boolean;
  /** What the server sent before its first message. */
  onMetadata?: (metadata: ReceivedMetadata) => void;
  /** What the server sent after its last one. That of a failed call is in the error's `details.metadata`. */
  onTrailer?: (metadata: ReceivedMetadata) => void;
}

/** The four kinds of methods. A call that streams begins when its answers are first asked for. */
export type UnaryMethodClient<Request, Answer> = (message: Request, options?: GrpcCallOptions) => Promise<Answer>;
export type ServerStreamClient<Request, Answer> = (
  message: Request,
  options?: GrpcCallOptions,
) => AsyncGenerator<Answer>;
export type ClientStreamClient<Request, Answer> = (
  messages: Iterable<Request> | AsyncIterable<Request>,
  options?: GrpcCallOptions,
) => Promise<Answer>;
export type BidiStreamClient<Request, Answer> = (
  messages: Iterable<Request> | AsyncIterable<Request>,
  options?: GrpcCallOptions,
) => AsyncGenerator<Answer>;

/** One method of a service definition, as proto-loader and most code generators make it. */
export interface GrpcMethod<Request = never, Answer = unknown> {
  path: string;
  requestStream: boolean;
  responseStream: boolean;
  requestSerialize(message: Request): Uint8Array;
  responseDeserialize(bytes: Buffer): Answer;
}

/** Methods by their names in the .proto file. */
export type GrpcServiceDefinition = Readonly<Record<string, GrpcMethod>>;

type RequestOf<Method> = Method extends { requestSerialize(message: infer Request): unknown } ? Request : never;
type AnswerOf<Method> = Method extends { responseDeserialize(bytes: Buffer): infer Answer } ? Answer : never;
type MethodClient<Method> = Method extends { requestStream: true; responseStream: true }
  ? BidiStreamClient<RequestOf<Method>, AnswerOf<Method>>
  : Method extends { requestStream: true; responseStream: false }
    ? ClientStreamClient<RequestOf<Method>, AnswerOf<Method>>
    : Method extends { requestStream: false; responseStream: true }
      ? ServerStreamClient<RequestOf<Method>, AnswerOf<Method>>
      : UnaryMethodClient<RequestOf<Method>, AnswerOf<Method>>;

/**
 * The client of a service definition. Kinds of methods are known where the definition's types are literal
 * (`requestStream: true`); elsewhere, as in proto-loader's generated types, a method is taken for a unary one: name the
 * client's own type then, made of the four kinds above.
 */
export type GrpcClient<Definition> = {
  readonly [Name in keyof Definition as Name extends string ? Uncapitalize<Name> : never]: MethodClient<
    Definition[Name]
  >;
};

type AnyMethodClient = (input: unknown, options?: GrpcCallOptions) => unknown;

/** The client of one method: a promise for one answer, a generator for many. */
export function methodClient(calls: ResourceCalls, method: GrpcMethod): AnyMethodClient {
  const { requestStream, responseStream } = method;
  const messagesOf = (input: unknown) =>
    (requestStream ? input : [input]) as Iterable<unknown> | AsyncIterable<unknown>;
  if (responseStream) return (input, options) => stream(calls, method, messagesOf(input), options);
  if (requestStream) return (input, options) => single(stream(calls, method, messagesOf(input), options), method);
  return (input, options) => unary(calls, method, input, options);
}

async function unary(
  calls: ResourceCalls,
  method: GrpcMethod,
  message: unknown,
  options: GrpcCallOptions = {},
): Promise<unknown> {
  const { metadata, idempotent = false, onMetadata, onTrailer } = options;
  const request = { method: method.path, metadata: toEntries(metadata), message: encode(method, message), idempotent };
  const reply = await calls.unary(definitionOf('rpc').Unary, request, options);
  onMetadata?.(fromEntries(reply.metadata));
  onTrailer?.(fromEntries(reply.trailer));
  return method.responseDeserialize(reply.message);
}

async function* stream(
  calls: ResourceCalls,
  method: GrpcMethod,
  messages: Iterable<unknown> | AsyncIterable<unknown>,
  options: GrpcCallOptions = {},
): AsyncGenerator {
  const { metadata, timeoutMs, signal, onMetadata, onTrailer } = options;
  using scope = timeoutMs === undefined ? undefined : calls.scope.derive({ timeoutMs, signal });
  const opened = (scope ? calls.inScope(scope) : calls).stream(definitionOf('rpc').Stream, { signal });
  const sender = new FrameSender<RpcFrame>(opened, messageFrames(method, messages));
  void sender.start({ call: { method: method.path, metadata: toEntries(metadata) }, marksEnd: true });
  try {
    for await (const frame of opened) {
      if (frame.message) yield method.responseDeserialize(frame.message);
      else if (frame.metadata?.trailer) onTrailer?.(fromEntries(frame.metadata.entries));
      else if (frame.metadata && frame.metadata.entries.length > 0) onMetadata?.(fromEntries(frame.metadata.entries));
    }
  } catch (error) {
    throw sender.failure ?? error;
  } finally {
    opened.cancel();
    sender.stop();
  }
}

async function single(answers: AsyncGenerator, { path }: GrpcMethod): Promise<unknown> {
  let result: { answer: unknown } | undefined;
  for await (const answer of answers) result ??= { answer };
  if (result) return result.answer;
  throw new CallError(Code.INTERNAL, 'no-answer', `${path} ended without an answer`);
}

/** The messages up. */
function messageFrames(
  method: GrpcMethod,
  given: Iterable<unknown> | AsyncIterable<unknown>,
): FrameSource<{ message: Uint8Array }> {
  const messages: AsyncIterator<unknown> | Iterator<unknown> =
    Symbol.asyncIterator in given ? given[Symbol.asyncIterator]() : given[Symbol.iterator]();
  let isOver = false;
  return {
    async next() {
      const { done, value } = await messages.next();
      if (done) isOver = true;
      return isOver ? undefined : [{ message: encode(method, value) }];
    },
    stop() {
      if (isOver) return;
      isOver = true;
      Promise.resolve(messages.return?.()).catch(() => {}); // nobody asks its source any more
    },
  };
}

function encode(method: GrpcMethod, message: unknown): Uint8Array {
  try {
    return method.requestSerialize(message as never);
  } catch (error) {
    const text = `this is not a message of ${method.path}: ${(error as Error).message}`;
    throw new CallError(Code.INVALID_ARGUMENT, 'bad-message', text);
  }
}
