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
  /** Told the size of each chunk that has passed through. */
  onDropped(bytes: number): void;
}

/** A reader that pauses costs what is under way to it, and one frame. */
const ONE_FRAME = { readAhead: 1 };

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
  const frames = callMessages<StreamFrame__Output>(call, ONE_FRAME);
  invocation.onCancel = () => call.cancel();
  call.write({ request, marksEnd: true });
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
    return { response, stream: responseStream(call, frames, peer) };
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
  const frames = callMessages<StreamFrame__Output>(call, ONE_FRAME);
  call.write({ attach: invocation.id });
  call.end();
  return { response, stream: responseStream(call, frames, peer) };
}

/** Throws BottleError when the function broke the stream off, or its container is gone. */
function responseStream(
  call: StreamCall,
  frames: AsyncIterator<StreamFrame__Output>,
  { errors, onDropped }: StreamingPeer,
): ResponseStream {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const frame = await frames.next().catch((error: unknown) => {
        throw errorOfStatus(error as ServiceError, errors);
      });
      if (frame.done) return;
      const { chunk } = frame.value;
      if (!chunk) continue;
      yield chunk;
      onDropped(chunk.length);
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
