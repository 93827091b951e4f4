// The capabilities as gRPC services of their own: for streams, and for clients in other languages. Their messages stay
// bytes here; the broker decodes them.
import {
  type Metadata,
  type sendUnaryData,
  type Server,
  type ServerDuplexStream,
  type ServerUnaryCall,
} from '@grpc/grpc-js';
import {
  type AnyMethod,
  BottleError,
  CAPABILITY_NAMES,
  Code,
  definitionOf,
  failStream,
  fromWireError,
  type IncomingCall,
  type Request__Output,
  receivedMessages,
  type Response,
  type Services,
  statusOfError,
  WriteFlow,
} from '@bottle/protos';
import { BrokerCall } from './broker-call.ts';

/** Who made a call; `over` is told when one whose answer was `unfinished` has ended. */
export type Cancellable = Pick<IncomingCall, 'onCancel'> & Partial<Pick<IncomingCall, 'over'>>;
export type RawStream = ServerDuplexStream<Buffer, Buffer>;

/** A call that came as gRPC, with what its metadata says. */
export interface DirectCall {
  target: string;
  call: BrokerCall;
}

export interface CapabilityHandlers {
  unary(request: Request__Output, cancellable: Cancellable): Promise<Response>;
  stream(call: DirectCall, stream: RawStream): void;
}

/** Adds `bottle.v1.Cache` and its like. Metadata: `bottle-resource` ("cache.sessions"), `bottle-function`, `traceparent`. */
export function addCapabilityServices(server: Server, services: Services, handlers: CapabilityHandlers): void {
  for (const name of CAPABILITY_NAMES) {
    if (name === 'switches') continue; // speaks the contract of config
    const methods = Object.entries(definitionOf(name) as unknown as Record<string, AnyMethod>);
    const definition = Object.fromEntries(methods.map(([key, method]) => [key, asBytes(method)]));
    const implementation = Object.fromEntries(
      methods.map(([key, method]) => {
        const methodName = key.charAt(0).toLowerCase() + key.slice(1);
        if (method.responseStream) {
          const serve = (stream: RawStream): void => {
            stream.on('error', () => {}); // the iterator throws it; a late one must not end the process
            try {
              const request = requestOf(stream.metadata, stream.getDeadline(), methodName);
              handlers.stream({ target: request.target, call: callOf(request) }, stream);
            } catch (error) {
              failStream(stream, BottleError.from(error), services.error);
            }
          };
          return [key, serve];
        }
        const serve = (unary: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void => {
          void serveUnary(unary, callback, methodName);
        };
        return [key, serve];
      }),
    );
    server.addService(definition, implementation);
  }

  async function serveUnary(
    unary: ServerUnaryCall<Buffer, Buffer>,
    callback: sendUnaryData<Buffer>,
    methodName: string,
  ): Promise<void> {
    try {
      const cancellable: Cancellable = { onCancel: undefined };
      unary.on('cancelled', () => cancellable.onCancel?.('cancelled'));
      const request = { ...requestOf(unary.metadata, unary.getDeadline(), methodName), body: unary.request };
      const response = await handlers.unary(request, cancellable);
      if (response.error) throw fromWireError(response.error);
      callback(null, response.body as Buffer);
    } catch (thrown) {
      callback(statusOfError(BottleError.from(thrown), services.error));
    }
  }
}

/** The requests of a stream, decoded as they are read. Throws when it ends before its end. */
export async function* decoded(stream: RawStream, decode: (bytes: Buffer) => object): AsyncGenerator<object> {
  for await (const bytes of receivedMessages<Buffer>(stream, { lost })) yield decode(bytes);
}

function lost(): BottleError {
  return new BottleError(Code.CANCELLED, 'cancelled', 'the stream ended before its end');
}

/** Sends answers no faster than the other side takes them; ends the iterable when it leaves. */
export async function pump(
  answers: AsyncIterable<object>,
  stream: RawStream,
  encode: (answer: object) => Buffer,
): Promise<void> {
  const flow = new WriteFlow(stream);
  stream.once('cancelled', () => flow.release());
  for await (const answer of answers) {
    if (stream.cancelled) return;
    if (!stream.write(encode(answer))) await flow.untilWritable();
  }
}

function asBytes(method: AnyMethod) {
  const same = (bytes: Buffer): Buffer => bytes;
  return {
    path: method.path,
    // One request is a stream of one: the same on the wire.
    requestStream: method.responseStream,
    responseStream: method.responseStream,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
}

function requestOf(metadata: Metadata, deadline: Date | number, methodName: string): Request__Output {
  const entry = (name: string): string => String(metadata.get(name)[0] ?? '');
  const match = /^([a-z]+)\.(.+)$/.exec(entry('bottle-resource'));
  if (!match)
    throw new BottleError(
      Code.INVALID_ARGUMENT,
      'bad-target',
      'the metadata entry bottle-resource must be "<capability>.<resource>"',
    );
  const remainingMs = Number(deadline) - Date.now();
  return {
    target: `${match[1]}.${methodName}/${match[2]}`,
    invocationId: entry('bottle-invocation-id'),
    timeoutMs: Number.isFinite(remainingMs) ? Math.max(1, Math.round(remainingMs)) : 0,
    trigger: 'TRIGGER_KIND_UNSPECIFIED',
    contentType: '',
    traceparent: entry('traceparent'),
    baggage: entry('baggage'),
    caller: entry('bottle-function'),
    attributes: [],
    places: 0,
    http: null,
    body: Buffer.alloc(0),
  };
}

function callOf({ invocationId, timeoutMs, traceparent, baggage, caller }: Request__Output): BrokerCall {
  return new BrokerCall({ caller, invocationId, traceparent, baggage, timeoutMs });
}
