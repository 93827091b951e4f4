// Bodies that stream take an RPC of their own: HTTP/2 flow control holds the sender when the reader is slow.
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import type {
  FunctionRuntimeClient,
  Request,
  Response__Output,
  Services,
  StreamFrame,
  StreamFrame__Output,
} from '@bottle/protos';
import { BottleError, callMessages, Code, errorOfStatus, fromWireError, WriteFlow } from '@bottle/protos';
import { type ByteStream, errorOfCancel, type Invocation, type Outcome, type ResponseStream } from '../layer.ts';
import type { Lost } from './runtime-channel.ts';

type StreamCall = ClientDuplexStream<StreamFrame, StreamFrame__Output>;

/** What streaming calls need of the channel. */
export interface StreamingPeer {
  client: FunctionRuntimeClient;
  errors: Services['error'];
  /** Tells that so many bytes of a response have been passed on; undefined: the function container does not wait for that. */
  tellTaken: ((invocationId: string, bytes: number) => void) | undefined;
  /** Told the size of each chunk that has passed through. */
  onDropped(bytes: number): void;
}

/**
 * What comes is taken at once where the function container waits for what is said to be taken: small pieces in the buffers of
 * a connection keep whole reads of its socket in memory. Otherwise, a reader that pauses costs a window and one frame.
 */
const AS_IT_COMES = { readAhead: 16 };
const ONE_FRAME = { readAhead: 1 };
/** So that more is on its way while the rest of what may be under way is passed on. */
const TOLD_BYTES = 16 * 1024;

/** Largest piece that is sent at once, in bytes. */
const CHUNK_BYTES = 64 * 1024;

/** Sends an invocation whose request body streams; settles with the head of the response. */
export async function invokeStreaming(
  peer: StreamingPeer,
  request: Request,
  body: ByteStream,
  invocation: Invocation,
): Promise<Outcome | Lost> {
  const call = peer.client.stream();
  const frames = framesOf(call, peer);
  invocation.onCancel = () => call.cancel();
  call.write({ request, marksEnd: true, saysTaken: peer.tellTaken !== undefined });
  const sending = sendBody(call, body, peer.onDropped);
  try {
    const first = await Promise.race([frames.next(), failureOf(sending)]);
    invocation.throwIfCancelled();
    const response = first.done ? undefined : first.value.response;
    if (!response) throw new BottleError(Code.INTERNAL, 'channel-protocol', 'the stream ended without a response');
    if (response.error && !hasEntries(response)) throw fromWireError(response.error);
    if (!response.streamed) return { response };
    // What breaks off the request from here on breaks off the response.
    sending.catch(() => call.cancel());
    return { response, stream: responseStream(call, frames, peer, invocation.id) };
  } catch (thrown) {
    call.cancel();
    if (thrown instanceof BottleError) throw thrown;
    if (invocation.cancelled) throw errorOfCancel(invocation.cancelled);
    return { lost: true, started: true, reason: (thrown as Error).message };
  } finally {
    invocation.onCancel = undefined;
  }
}

/** Whether an error is a response by itself: its function has added entries for the gRPC client. */
export function hasEntries({ metadata, trailer }: Response__Output): boolean {
  return metadata.length > 0 || trailer.length > 0;
}

/** Opens the stream of a response that was announced on the batched stream. */
export function attachStream(peer: StreamingPeer, response: Response__Output, invocation: Invocation): Outcome {
  const call = peer.client.stream();
  const frames = framesOf(call, peer);
  call.write({ attach: invocation.id, saysTaken: peer.tellTaken !== undefined });
  call.end();
  return { response, stream: responseStream(call, frames, peer, invocation.id) };
}

function framesOf(call: StreamCall, { tellTaken }: StreamingPeer): AsyncGenerator<StreamFrame__Output> {
  return callMessages<StreamFrame__Output>(call, tellTaken ? AS_IT_COMES : ONE_FRAME);
}

/** Throws BottleError when the function broke the stream off, or its container is gone. */
function responseStream(
  call: StreamCall,
  frames: AsyncIterator<StreamFrame__Output>,
  { errors, onDropped, tellTaken }: StreamingPeer,
  invocationId: string,
): ResponseStream {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    let taken = 0;
    for (;;) {
      const frame = await frames.next().catch((error: unknown) => {
        throw errorOfStatus(error as ServiceError, errors);
      });
      if (frame.done) return;
      const { chunk } = frame.value;
      if (!chunk) continue;
      yield chunk;
      onDropped(chunk.length);
      taken += chunk.length;
      if (taken < TOLD_BYTES) continue;
      tellTaken?.(invocationId, taken);
      taken = 0;
    }
  }
  return { chunks: chunks(), cancel: () => call.cancel() };
}

async function sendBody(call: StreamCall, body: ByteStream, onDropped: StreamingPeer['onDropped']): Promise<void> {
  const flow = new WriteFlow(call);
  for await (const bytes of body) {
    for (let offset = 0; offset < bytes.length; offset += CHUNK_BYTES) {
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset + offset, Math.min(CHUNK_BYTES, bytes.length - offset));
      if (!call.write({ chunk })) await flow.untilWritable();
      if (call.destroyed) return;
    }
    onDropped(bytes.length);
  }
  call.write({ end: true });
  call.end();
}

/** Never resolves; rejects when sending fails: the client broke off, or its body is too large. */
function failureOf(sending: Promise<void>): Promise<never> {
  return new Promise((_resolve, reject) => {
    sending.catch(reject);
  });
}
