import type { CallContext } from '@bottle/capabilities';
import type { BottleError } from '@bottle/protos';
import type { Metadata, ServiceError } from '@grpc/grpc-js';
import type { Endpoints } from './endpoints.ts';
import { fromGrpcError } from './grpc-errors.ts';

export interface GrpcCall {
  /** "/package.Service/Method" */
  path: string;
  message: Buffer;
  metadata: Metadata;
  /** Longest it may take by the resource's policy. */
  timeoutMs: number;
  /** "rpc.stock" */
  id: string;
}

export interface GrpcAnswer {
  message: Buffer;
  initial: Metadata | undefined;
  trailer: Metadata | undefined;
}

/**
 * One unary call to any of the endpoints; to another one when nothing could be sent to the first. Rejects with
 * BottleError, at once when `call.signal` aborts.
 */
export async function callUnary(endpoints: Endpoints, request: GrpcCall, call: CallContext): Promise<GrpcAnswer> {
  const limitedByPolicy = call.timeoutMs === 0 || request.timeoutMs < call.timeoutMs;
  const deadline = Date.now() + (limitedByPolicy ? request.timeoutMs : call.timeoutMs);
  const failed = { id: request.id, signal: call.signal, limitedByPolicy };
  const tried = new Set<string>();
  for (;;) {
    const endpoint = await endpoints.pick(call.signal);
    try {
      return await attempt(endpoint.client, request, { deadline, signal: call.signal });
    } catch (error) {
      const explained: BottleError = fromGrpcError(error as ServiceError, failed);
      if (explained.details['started'] !== false || tried.has(endpoint.address)) throw explained;
      tried.add(endpoint.address);
    }
  }
}

function attempt(
  client: Awaited<ReturnType<Endpoints['pick']>>['client'],
  { path, message, metadata }: GrpcCall,
  { deadline, signal }: { deadline: number; signal: AbortSignal },
): Promise<GrpcAnswer> {
  return new Promise((resolve, reject) => {
    const same = (bytes: Buffer): Buffer => bytes;
    let initial: Metadata | undefined;
    let trailer: Metadata | undefined;
    let answer: Buffer | undefined;
    const onAbort = (): void => call.cancel();
    const call = client.makeUnaryRequest<Buffer, Buffer>(
      path,
      same,
      same,
      message,
      metadata,
      { deadline },
      (error, bytes) => {
        signal.removeEventListener('abort', onAbort);
        if (error) reject(error);
        else answer = bytes;
      },
    );
    call.on('metadata', (received) => {
      initial = received;
    });
    // After the callback, which does not get the trailer.
    call.on('status', (received) => {
      trailer = received.metadata;
      if (answer) resolve({ message: answer, initial, trailer });
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}
