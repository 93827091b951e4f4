// Bodies that stream take an RPC of their own: HTTP/2 flow control holds the sender when the reader is slow.
import type { ClientDuplexStream } from '@grpc/grpc-js';
import type {
  FunctionRuntimeClient,
  Request,
  Response__Output,
  StreamFrame,
  StreamFrame__Output,
} from '@bottle/protos';
import { BottleError, Code, fromWireError, WriteFlow } from '@bottle/protos';
import { type ByteStream, errorOfCancel, type Invocation, type Outcome, type ResponseStream } from '../layer.ts';
import type { Lost } from './runtime-channel.ts';

type StreamCall = ClientDuplexStream<StreamFrame, StreamFrame__Output>;

/** Told the size of each chunk that has passed through. */
type OnDropped = (bytes: number) => void;

/** Largest piece that is sent at once, in bytes. */
const CHUNK_BYTES = 64 * 1024;

/** Sends an invocation whose request body streams; settles with the head of the response. */
export async function invokeStreaming(
  client: FunctionRuntimeClient,
  request: Request,
  body: ByteStream,
  invocation: Invocation,
  onDropped: OnDropped,
): Promise<Outcome | Lost> {
  const call = client.stream();
  const frames = readFrames(call);
  invocation.onCancel = () => call.cancel();
  call.write({ request });
  const sending = sendBody(call, body, onDropped);
  try {
    const first = await Promise.race([frames.next(), failureOf(sending)]);
    invocation.throwIfCancelled();
    const response = first.done ? undefined : first.value.response;
    if (!response) throw new BottleError(Code.INTERNAL, 'channel-protocol', 'the stream ended without a response');
    if (response.error && !hasEntries(response)) throw fromWireError(response.error);
    if (!response.streamed) return { response };
    return { response, stream: responseStream(call, frames, onDropped) };
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
export function attachStream(
  client: FunctionRuntimeClient,
  response: Response__Output,
  invocation: Invocation,
  onDropped: OnDropped,
): Outcome {
  const call = client.stream();
  const frames = readFrames(call);
  call.write({ attach: invocation.id });
  call.end();
  return { response, stream: responseStream(call, frames, onDropped) };
}

function responseStream(
  call: StreamCall,
  frames: AsyncIterator<StreamFrame__Output>,
  onDropped: OnDropped,
): ResponseStream {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const frame = await frames.next();
      if (frame.done) return;
      const { chunk } = frame.value;
      if (!chunk) continue;
      yield chunk;
      onDropped(chunk.length);
    }
  }
  return { chunks: chunks(), cancel: () => call.cancel() };
}

/** The iterator of the call, with an error listener that lives as long as the call does. */
function readFrames(call: StreamCall): AsyncIterator<StreamFrame__Output> {
  call.on('error', () => {}); // the iterator throws it; without a listener a late one would end the process
  return (call as AsyncIterable<StreamFrame__Output>)[Symbol.asyncIterator]();
}

async function sendBody(call: StreamCall, body: ByteStream, onDropped: OnDropped): Promise<void> {
  const flow = new WriteFlow(call);
  for await (const bytes of body) {
    for (let offset = 0; offset < bytes.length; offset += CHUNK_BYTES) {
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset + offset, Math.min(CHUNK_BYTES, bytes.length - offset));
      if (!call.write({ chunk })) await flow.untilWritable();
      if (call.destroyed) return;
    }
    onDropped(bytes.length);
  }
  call.end();
}

/** Never resolves; rejects when sending fails: the client broke off, or its body is too large. */
function failureOf(sending: Promise<void>): Promise<never> {
  return new Promise((_resolve, reject) => {
    sending.catch(reject);
  });
}
