// Methods that answer with a stream of messages. They pass one by one: each is written when the client has taken the
// ones before, and until then nothing more is read from the function.
import { BottleError, Code, decodeRpcEnd, fromWireError, readFrames, WriteFlow } from '@bottle/protos';
import type { ServerDuplexStream, ServerWritableStream } from '@grpc/grpc-js';
import type { Outcome } from '../../layer.ts';
import { metadataOf, trailerOf } from './call-metadata.ts';
import { bodyOf, brokenOff, once, type OpenCall, type RpcCalls, type RpcRoute } from './rpc-calls.ts';
import { uploadOf } from './upload.ts';

/** From here on a message is waited for by itself: the library would queue sixteen of any size. */
const LARGE_BYTES = 64 * 1024;
const NO_BYTES = Buffer.alloc(0);

type ManyCall = ServerWritableStream<Buffer, Buffer> | ServerDuplexStream<Buffer, Buffer>;

/** One message, many answers. */
export function answerDownload(
  calls: RpcCalls,
  route: RpcRoute,
  call: ServerWritableStream<Buffer, Buffer>,
): Promise<void> {
  return answerMany(calls, route, call, calls.begin(route, call, bodyOf(call.request), call.request));
}

/** Many messages either way. */
export function answerBoth(calls: RpcCalls, route: RpcRoute, call: ServerDuplexStream<Buffer, Buffer>): Promise<void> {
  return answerMany(calls, route, call, calls.begin(route, call, uploadOf(call), NO_BYTES));
}

async function answerMany(calls: RpcCalls, route: RpcRoute, call: ManyCall, open: OpenCall): Promise<void> {
  const { options } = calls;
  const { invocation } = open;
  let error: BottleError | undefined;
  let messages = 0;
  let trailer: readonly string[] = [];

  async function respond({ response, stream }: Outcome): Promise<void> {
    trailer = response.trailer;
    if (response.error) throw fromWireError(response.error);
    call.sendMetadata(metadataOf(response.metadata));
    const flow = new WriteFlow(call);
    open.onCancel = () => {
      stream?.cancel();
      flow.release();
    };
    if (invocation.cancelled) open.onCancel();
    for await (const { isEnd, bytes } of readFrames(stream?.chunks ?? once(response.body), options.maxMessageBytes)) {
      invocation.throwIfCancelled();
      if (isEnd) {
        const end = decodeRpcEnd(bytes);
        trailer = end.trailer;
        if (end.error) throw fromWireError(end.error);
        return;
      }
      messages += 1;
      if (bytes.length >= LARGE_BYTES) await written(call, bytes);
      else if (!call.write(bytes)) await flow.untilWritable();
    }
    throw new BottleError(Code.UNAVAILABLE, 'connection-lost', 'the stream of messages was cut off');
  }

  try {
    await options.carry(invocation, respond);
    call.end(trailerOf(trailer, invocation.id));
  } catch (thrown) {
    error = brokenOff(thrown, invocation);
    open.onCancel?.();
    if (!call.destroyed) call.emit('error', options.statusOf(error, trailerOf(trailer, invocation.id)));
  }
  calls.end(open, route, { error, messages });
}

/** Settles when the message has been taken, or the client has left. */
function written(call: ManyCall, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    call.write(bytes, () => {
      call.off('close', resolve);
      resolve();
    });
    call.once('close', resolve);
  });
}
