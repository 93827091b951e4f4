// Any gRPC service, its messages as bytes: the SDK has the .proto file, the sidecar the connections and credentials.
import type { CallContext, RpcDriver } from '@bottle/capabilities';
import {
  BottleError,
  callMessages,
  Code,
  type RpcCall,
  type RpcFrame,
  type RpcFrame__Output,
  WriteFlow,
} from '@bottle/protos';
import type { ClientDuplexStream, Metadata, ServiceError } from '@grpc/grpc-js';
import type { GrpcServiceConfig } from '../../resources-config.ts';
import type { NamedDriverContext } from '../drivers.ts';
import { Endpoints } from './endpoints.ts';
import { callUnary } from './grpc-call.ts';
import { connectionOf, hostOf } from './grpc-credentials.ts';
import { fromGrpcError } from './grpc-errors.ts';
import { fromMetadata, toMetadata } from './grpc-metadata.ts';
import { pingEndpoints } from './remote-functions.ts';

/** Rarely enough for servers that count pings, and only while there are calls. */
const KEEPALIVE = { 'grpc.keepalive_time_ms': 60_000 };
const UNLIMITED = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 };

/** A gRPC service on static addresses, or on all addresses of a name. */
export async function createGrpcService(
  settings: GrpcServiceConfig,
  { id, log }: Pick<NamedDriverContext, 'id' | 'log'>,
): Promise<RpcDriver> {
  const { addresses, dns, tls, policy, metadata: injected } = settings;
  const { credentials, channelOptions } = connectionOf(tls, hostOf(dns));
  const options = { ...channelOptions, ...KEEPALIVE, ...UNLIMITED };
  const endpoints = new Endpoints({ id, addresses, dns, credentials, channelOptions: options, log });

  async function* stream(frames: AsyncIterable<RpcFrame__Output>, call: CallContext): AsyncGenerator<RpcFrame> {
    const iterator = frames[Symbol.asyncIterator]();
    const first = await iterator.next();
    const request = first.done ? undefined : first.value.call;
    if (!request) throw badFrames('a call begins with its method');
    const path = pathOf(request);
    const metadata = toMetadata(request.metadata, call, injected);
    const { client } = await endpoints.pick(call.signal);
    const deadline = call.timeoutMs === 0 ? Number.POSITIVE_INFINITY : Date.now() + call.timeoutMs;
    const same = (bytes: Buffer): Buffer => bytes;
    const grpc = client.makeBidiStreamRequest(path, same, same, metadata, { deadline });
    const onAbort = (): void => grpc.cancel();
    call.signal.addEventListener('abort', onAbort, { once: true });
    try {
      yield* answersOf(grpc, iterator);
    } catch (error) {
      if (error instanceof BottleError) throw error;
      throw fromGrpcError(error as ServiceError, { id, signal: call.signal, limitedByPolicy: false });
    } finally {
      call.signal.removeEventListener('abort', onAbort);
      grpc.cancel();
    }
  }

  return {
    get problem() {
      return endpoints.problem;
    },
    ping: () => pingEndpoints(endpoints, { id, timeoutMs: policy.timeoutMs }),
    close: async () => endpoints.close(),
    invoke: () => Promise.reject(notFunctions(id)),
    async unary(request, call) {
      const metadata = toMetadata(request.metadata ?? [], call, injected);
      const message = request.message as Buffer;
      const { timeoutMs } = policy;
      const answer = await callUnary(endpoints, { id, path: pathOf(request), message, metadata, timeoutMs }, call);
      return {
        message: answer.message,
        metadata: fromMetadata(answer.initial),
        trailer: fromMetadata(answer.trailer),
      };
    },
    stream,
  };
}

/** Messages up while messages come down. */
async function* answersOf(
  grpc: ClientDuplexStream<Buffer, Buffer>,
  frames: AsyncIterator<RpcFrame__Output>,
): AsyncGenerator<RpcFrame> {
  let failure: unknown;
  let trailer: Metadata | undefined;
  const flow = new WriteFlow(grpc);
  const head = new Promise<Metadata | undefined>((resolve) => {
    grpc.once('metadata', resolve);
    grpc.once('status', (status) => {
      trailer = status.metadata;
      flow.release();
      resolve(undefined);
    });
  });
  const messages = callMessages<Buffer>(grpc);
  forward(frames, grpc, flow).catch((error: unknown) => {
    failure = error;
    grpc.cancel();
  });
  // The call is on its way: a service may take long for its first message.
  yield { metadata: { entries: [], trailer: false } };
  try {
    const initial = await head;
    if (initial) yield { metadata: { entries: fromMetadata(initial), trailer: false } };
    for await (const message of messages) yield { message };
  } catch (error) {
    throw failure ?? error;
  }
  yield { metadata: { entries: fromMetadata(trailer), trailer: true } };
}

async function forward(
  frames: AsyncIterator<RpcFrame__Output>,
  grpc: ClientDuplexStream<Buffer, Buffer>,
  flow: WriteFlow,
): Promise<void> {
  for (;;) {
    const next = await frames.next();
    if (next.done) break;
    if (!next.value.message) throw badFrames('after the method only messages are expected');
    if (!grpc.write(next.value.message)) await flow.untilWritable();
  }
  grpc.end();
}

function pathOf({ method = '' }: RpcCall): string {
  if (/^\/[\w.]+\/\w+$/.test(method)) return method;
  throw new BottleError(Code.INVALID_ARGUMENT, 'bad-target', `"${method}" is not /package.Service/Method`);
}

function badFrames(message: string): BottleError {
  return new BottleError(Code.INVALID_ARGUMENT, 'bad-frames', message);
}

function notFunctions(id: string): BottleError {
  const message = `${id} is a gRPC service: bottle.rpc.proto or bottle.rpc.service makes a client of it`;
  return new BottleError(Code.UNIMPLEMENTED, 'no-operation', message);
}
