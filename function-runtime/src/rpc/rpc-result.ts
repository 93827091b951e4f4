import { Readable } from 'node:stream';
import { frameEnd, frameMessage, type Response, toWireError } from '@bottle/protos';
import type { MessageCodec, ProtoMethod } from '@bottle/protos/proto-files';
import { BottleError, Code } from 'bottle-sdk';
import type { EncodedResult } from '../invoke/encode-result.ts';
import { ResultStream } from '../invoke/stream-format.ts';
import type { ReplyEntries } from './reply-entries.ts';

const PROTOBUF = { contentType: 'application/protobuf' };
const PLAIN: Response = { value: PROTOBUF };
const NO_BYTES = Buffer.alloc(0);

type Items = AsyncIterable<unknown> | Iterable<unknown>;

/** The items of a function that has not returned them yet. */
export class LateItems {
  readonly items: Promise<unknown>;

  constructor(items: Promise<unknown>) {
    items.catch(() => {}); // whoever reads them sees it
    this.items = items;
  }
}

export interface RpcResultOptions {
  method: ProtoMethod;
  /** What the function has set so far; undefined: nothing. */
  reply(): ReplyEntries | undefined;
  /** Any thrown value as the error that leaves; logs surprises. */
  toError(thrown: unknown): BottleError;
}

/** A message, or a stream of them behind their lengths. Throws INTERNAL for what the response message cannot hold. */
export function encodeRpcResult(result: unknown, options: RpcResultOptions): EncodedResult {
  if (result instanceof Error) throw result;
  const { response: codec, responseStream } = options.method;
  if (!responseStream) return { response: withReply(PLAIN, options.reply()), bytes: encode(codec, result) };
  if (!(result instanceof LateItems)) assertItems(result);
  const frames = new MessageFrames(result instanceof LateItems ? result.items : result, codec, options);
  const stream = new ResultStream(frames, undefined);
  return { response: withReply(PLAIN, options.reply(), 'head'), bytes: NO_BYTES, stream };
}

/** A response with the entries that its function has set. */
export function withReply(response: Response, reply: ReplyEntries | undefined, part?: 'head'): Response {
  if (!reply) return response;
  const trailer = part === 'head' ? [] : [...reply.trailer.values()].flat();
  return { ...response, metadata: [...reply.metadata.values()].flat(), trailer };
}

/** The items as frames, and at the end how it went. It never throws. */
class MessageFrames implements AsyncIterableIterator<Uint8Array> {
  readonly #source: Items | Promise<unknown>;
  readonly #codec: MessageCodec;
  readonly #options: RpcResultOptions;
  #items: AsyncIterator<unknown> | Iterator<unknown> | undefined;
  #isOver = false;

  constructor(source: Items | Promise<unknown>, codec: MessageCodec, options: RpcResultOptions) {
    this.#source = source;
    this.#codec = codec;
    this.#options = options;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#isOver) return { done: true, value: undefined };
    try {
      this.#items ??= iteratorOf(await this.#source);
      const { done, value } = await this.#items.next();
      if (!done) return { done: false, value: frameMessage(await this.#encode(value)) };
      return { done: false, value: this.#end(undefined) };
    } catch (thrown) {
      return { done: false, value: this.#end(this.#options.toError(thrown)) };
    }
  }

  /** Nobody reads any more: ends the function's own items. */
  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#isOver = true;
    const source = await Promise.resolve(this.#source).catch(() => undefined);
    if (source instanceof Readable) source.destroy();
    else if (source !== undefined) await (this.#items ?? iteratorOf(source)).return?.();
    return { done: true, value: undefined };
  }

  async #encode(item: unknown): Promise<Uint8Array> {
    try {
      return encode(this.#codec, item);
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  #end(error: BottleError | undefined): Uint8Array {
    this.#isOver = true;
    const trailer = [...(this.#options.reply()?.trailer.values() ?? [])].flat();
    return frameEnd({ trailer, error: error ? toWireError(error) : null });
  }
}

function iteratorOf(items: unknown): AsyncIterator<unknown> | Iterator<unknown> {
  assertItems(items);
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
}

function assertItems(items: unknown): asserts items is Items {
  if (typeof items === 'object' && items !== null && (Symbol.asyncIterator in items || Symbol.iterator in items))
    return;
  throw badResult(
    new TypeError(`a method that answers with a stream returned a ${typeof items}, nothing to iterate over`),
  );
}

function encode(codec: MessageCodec, value: unknown): Buffer {
  try {
    const bytes = codec.encode(value);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  } catch (error) {
    throw badResult(error);
  }
}

/** The author's mistake: the log says what it is, the client does not hear of it. */
function badResult(cause: unknown): BottleError {
  return new BottleError(Code.INTERNAL, 'bad-result', 'internal error', { cause });
}
