import { Readable } from 'node:stream';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import {
  BottleError,
  Code,
  type FairTurns,
  failStream,
  framesUntilEnd,
  receivedMessages,
  type Request__Output,
  type Services,
  type StreamFrame,
  type StreamFrame__Output,
  WriteFlow,
} from '@bottle/protos';
import { errorOfCancel } from '../invoke/error-of-cancel.ts';
import type { Cancellation, Invoker } from '../invoke/invoker.ts';
import type { EncodedResult } from '../invoke/encode-result.ts';
import { BLOCK_BYTES, ResultStream } from '../invoke/stream-format.ts';
import type { ParkedStreams } from './parked-streams.ts';
import type { Credit, StreamCredits } from './stream-credits.ts';

type StreamCall = ServerDuplexStream<StreamFrame__Output, StreamFrame>;

export interface StreamServices {
  services: Services;
  invoker: Pick<Invoker, 'invoke'>;
  parked: ParkedStreams;
  /** Told the size of each chunk that has passed through, in bytes. */
  onDropped(bytes: number): void;
  /** Of all results that stream. */
  turns: FairTurns;
  credits: StreamCredits;
}

type Passing = Pick<StreamServices, 'onDropped' | 'turns'> & {
  /** Undefined: the sidecar does not say what it takes. */
  credit?: Credit | undefined;
};

const NO_BYTES = Buffer.alloc(0);

/** How much earlier the sidecar's timer may be. */
const TIMER_MS = 5;
/**
 * Largest piece that is sent at once, in bytes: a block, and what it may be larger by. Smaller ones than 32 KiB would be cut from a
 * pool of Node's when they arrive, and then a reader that pauses keeps what others have long read.
 */
const CHUNK_BYTES = 34 * 1024;
/** What is read ahead of a body that comes, in bytes. */
const BODY_BYTES = 128 * 1024;

/** One RPC: an invocation whose bodies stream, or the body of a result that was announced elsewhere. */
export async function serveStream(
  call: StreamCall,
  { services, invoker, parked, onDropped, turns, credits }: StreamServices,
): Promise<void> {
  const passing: Passing = { onDropped, turns };
  try {
    const frames = framesUntilEnd(receivedMessages<StreamFrame__Output>(call, { lost: clientLeft }));
    const first = await frames.next();
    const frame = first.done ? undefined : first.value;
    const invocationId = frame?.request?.invocationId ?? frame?.attach;
    if (frame?.saysTaken && invocationId !== undefined) passing.credit = credits.open(invocationId);
    if (frame?.request) await serveInvocation(call, frame.request, frames, invoker, passing);
    else if (frame?.attach) await serveParked(call, frame.attach, parked, passing);
    else throw protocolError(Code.INVALID_ARGUMENT, 'the first frame must be a request or an attach');
  } catch (error) {
    failStream(call, BottleError.from(error), services.error);
  } finally {
    passing.credit?.close();
  }
}

async function serveInvocation(
  call: StreamCall,
  request: Request__Output,
  frames: AsyncGenerator<StreamFrame__Output>,
  invoker: Pick<Invoker, 'invoke'>,
  passing: Passing,
): Promise<void> {
  const cancellation: Cancellation = { onCancel: undefined };
  const endsAt = performance.now() + request.timeoutMs - TIMER_MS;
  // The signal first: whoever sees the body break off sees it aborted.
  const cancel = (): void => cancellation.onCancel?.(performance.now() >= endsAt ? 'deadline' : 'client-closed');
  const chunks = chunksOf(frames, cancel, passing.onDropped);
  const body = Readable.from(chunks, { objectMode: false, highWaterMark: BODY_BYTES });
  call.on('cancelled', () => {
    cancel();
    body.destroy(clientLeft());
  });
  body.on('error', () => {}); // whoever reads it sees it; without a reader a late one would end the process
  const result = streamedIfLarge(await invoker.invoke(request, cancellation, body));
  const { response, bytes, stream } = result;
  call.write({ response: stream ? { ...response, streamed: true } : { ...response, body: bytes } });
  if (stream) await pump(stream, call, passing);
  call.end();
}

async function serveParked(
  call: StreamCall,
  invocationId: string,
  parked: ParkedStreams,
  passing: Passing,
): Promise<void> {
  const stream = parked.take(invocationId);
  if (!stream) throw protocolError(Code.NOT_FOUND, 'no stream waits under this id');
  await pump(stream, call, passing);
  call.end();
}

/** As one message, a large body would be copied whole at each step, and kept whole in both processes. */
export function streamedIfLarge(result: EncodedResult, maxBytes: number = CHUNK_BYTES): EncodedResult {
  const { response, bytes, stream } = result;
  if (stream || bytes.length <= maxBytes) return result;
  response.http?.headers?.push('content-length', String(bytes.length));
  return { response, bytes: NO_BYTES, stream: new ResultStream(Readable.from([bytes]), undefined) };
}

/** Writes no faster than the other side reads; stops, and ends the iterable, when it leaves. */
async function pump(stream: ResultStream, call: StreamCall, { onDropped, turns, credit }: Passing): Promise<void> {
  const flow = new WriteFlow(call, { maxWaiting: 2 });
  call.once('cancelled', () => {
    stream.cancel();
    flow.release();
    credit?.close();
  });
  for await (const block of stream) {
    for (const chunk of inChunks(block)) {
      const room = credit?.take(chunk.length);
      if (room) await room;
      if (call.cancelled) return;
      if (!call.write({ chunk })) await flow.untilWritable();
    }
    onDropped(block.length);
    if (block.length >= BLOCK_BYTES) await turns.wait(); // more is there: a block of one stream in each turn
  }
}

function protocolError(code: Code, message: string): BottleError {
  return new BottleError(code, 'channel-protocol', message);
}

/** Pieces that fit a frame, of about the same size. */
function* inChunks(bytes: Uint8Array): Generator<Buffer> {
  const size = Math.ceil(bytes.length / Math.ceil(bytes.length / CHUNK_BYTES));
  for (let offset = 0; offset < bytes.length; offset += size)
    yield Buffer.from(bytes.buffer, bytes.byteOffset + offset, Math.min(size, bytes.length - offset));
}

async function* chunksOf(
  frames: AsyncGenerator<StreamFrame__Output>,
  onBrokenOff: () => void,
  onDropped: StreamServices['onDropped'],
): AsyncGenerator<Buffer> {
  try {
    for await (const { chunk } of frames) {
      if (!chunk) continue;
      yield chunk;
      onDropped(chunk.length);
    }
  } catch {
    onBrokenOff();
    throw clientLeft();
  }
}

function clientLeft(): BottleError {
  return errorOfCancel('client-closed');
}
