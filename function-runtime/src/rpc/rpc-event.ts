import type { Readable } from 'node:stream';
import { readFrames, type Request__Output } from '@bottle/protos';
import type { MessageCodec, ProtoMethod } from '@bottle/protos/proto-files';
import { BottleError, Code } from 'bottle-sdk';
import type { ReadyFunction } from '../load/function-registry.ts';
import { attributeOf } from './rpc-context.ts';

/** The sidecar has refused what is larger than it may be. */
const ANY_SIZE = 2 ** 32;

/** The method that a request is for. Throws UNIMPLEMENTED when a reload has just taken it away. */
export function methodOf({ attributes }: Request__Output, target: ReadyFunction): ProtoMethod {
  const name = `${attributeOf(attributes, 'service')}/${attributeOf(attributes, 'method')}`;
  const method = target.rpc.get(name);
  if (method) return method;
  throw new BottleError(Code.UNIMPLEMENTED, 'no-rpc-method', `${target.spec.name} does not answer ${name}`);
}

/** The request message, or an async iterable of them. Throws INVALID_ARGUMENT for bytes that are none. */
export async function decodeRpcEvent(
  request: Request__Output,
  { requestStream, request: codec }: ProtoMethod,
  body: Readable | undefined,
): Promise<unknown> {
  if (requestStream) return messagesOf(body, codec);
  if (body) {
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk as Buffer);
    request.body = Buffer.concat(chunks);
  }
  return decode(codec, request.body);
}

async function* messagesOf(body: Readable | undefined, codec: MessageCodec): AsyncGenerator<object, void> {
  if (!body) return;
  for await (const { bytes } of readFrames(body as AsyncIterable<Uint8Array>, ANY_SIZE)) yield decode(codec, bytes);
}

function decode(codec: MessageCodec, bytes: Uint8Array): object {
  try {
    return codec.decode(bytes);
  } catch (error) {
    const message = `the request is not such a message: ${(error as Error).message}`;
    throw new BottleError(Code.INVALID_ARGUMENT, 'bad-message', message);
  }
}
