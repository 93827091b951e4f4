// Methods that answer with one message.
import { BottleError, fromWireError } from '@bottle/protos';
import type { sendUnaryData, ServerReadableStream, ServerUnaryCall } from '@grpc/grpc-js';
import { collect } from '../../event-invocation.ts';
import type { Outcome, UnreadBody } from '../../layer.ts';
import { metadataOf, trailerOf } from './call-metadata.ts';
import { type AnyCall, bodyOf, type RpcCalls, type RpcRoute } from './rpc-calls.ts';
import { uploadOf } from './upload.ts';

type Reply = sendUnaryData<Buffer>;

const NO_BYTES = Buffer.alloc(0);

/** One message, one answer. */
export function answerUnary(
  calls: RpcCalls,
  route: RpcRoute,
  call: ServerUnaryCall<Buffer, Buffer>,
  reply: Reply,
): Promise<void> {
  return answer(calls, route, { call, body: bodyOf(call.request), payload: call.request }, reply);
}

/** Several messages, one answer. */
export function answerUpload(
  calls: RpcCalls,
  route: RpcRoute,
  call: ServerReadableStream<Buffer, Buffer>,
  reply: Reply,
): Promise<void> {
  return answer(calls, route, { call, body: uploadOf(call), payload: NO_BYTES }, reply);
}

interface Asked {
  call: AnyCall;
  body: UnreadBody;
  /** What a repeat must bring again. */
  payload: Uint8Array;
}

async function answer(calls: RpcCalls, route: RpcRoute, { call, body, payload }: Asked, reply: Reply): Promise<void> {
  const { options } = calls;
  const open = calls.begin(route, call, body, payload);
  const { id } = open.invocation;
  let error: BottleError | undefined;
  try {
    await options.carry(open.invocation, async ({ response, stream }: Outcome) => {
      if (response.metadata.length > 0) call.sendMetadata(metadataOf(response.metadata));
      if (response.error) {
        error = fromWireError(response.error);
        reply(options.statusOf(error, trailerOf(response.trailer, id)));
        return;
      }
      const message = stream ? await collect(stream, options.maxMessageBytes) : response.body;
      reply(null, message, trailerOf(response.trailer, id));
    });
  } catch (thrown) {
    error = BottleError.from(thrown);
    reply(options.statusOf(error, trailerOf([], id)));
  }
  calls.end(open, route, { error, messages: error ? 0 : 1 });
}
