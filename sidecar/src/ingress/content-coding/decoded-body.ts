import { pipeline, type Transform } from 'node:stream';
import { BottleError, Code } from '@bottle/protos';
import type { Body, ByteStream, UnreadBody } from '../../layer.ts';
import { bodyTooLarge } from '../../body-too-large.ts';
import { createDecoder, requestCodingsOf } from './request-codings.ts';

/** So much may come out of however little. */
const RATIO_COUNTS_FROM_BYTES = 1024 * 1024;

export interface DecodedBodyOptions {
  /** As it comes from the client. */
  wire: UnreadBody;
  contentEncoding: string;
  /** Most bytes that may come out, at any step, for one that came in; 0: no limit. */
  maxRatio: number;
}

/**
 * A compressed request body, without its compression. All limits count what comes out; only a few kilobytes of it are
 * in memory besides what was asked for. Nothing is looked at before somebody wants the body.
 */
export class DecodedBody implements UnreadBody {
  readonly #options: DecodedBodyOptions;
  readonly #decoders: Transform[] = [];
  #wireBytes = 0;
  #abandon: ((error: BottleError) => void) | undefined;

  constructor(options: DecodedBodyOptions) {
    this.#options = options;
  }

  async read(maxBytes: number, limitBytes: number): Promise<Body> {
    const { wire, contentEncoding } = this.#options;
    const codings = requestCodingsOf(contentEncoding);
    const abandoned = new Promise<never>((_resolve, reject) => (this.#abandon = reject));
    abandoned.catch(() => {});
    const coded = await wire.read(0, 0);
    let stream = this.#counted(coded.kind === 'stream' ? coded.stream : [coded.bytes], limitBytes);
    for (const coding of codings.toReversed()) stream = this.#checked(this.#decode(stream, coding));
    stream = limited(stream, limitBytes);
    if (maxBytes === 0) return { kind: 'stream', stream };
    const iterator = stream[Symbol.asyncIterator]();
    const head: Uint8Array[] = [];
    let length = 0;
    while (length <= maxBytes) {
      const { done, value } = await Promise.race([iterator.next(), abandoned]);
      if (done) return { kind: 'bytes', bytes: Buffer.concat(head) };
      head.push(value);
      length += value.length;
    }
    return { kind: 'stream', stream: continued(head, iterator) };
  }

  abandon(error: BottleError): void {
    this.#options.wire.abandon(error);
    this.#abandon?.(error);
    for (const decoder of this.#decoders) decoder.destroy();
  }

  async *#counted(wire: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, limitBytes: number): ByteStream {
    for await (const chunk of wire) {
      this.#wireBytes += chunk.length;
      // Compression makes nothing much larger: this is what comes to nothing when it is undone.
      if (limitBytes > 0 && this.#wireBytes > limitBytes * 1.02 + 1024) throw bodyTooLarge(limitBytes);
      yield chunk;
    }
  }

  async *#decode(coded: ByteStream, coding: 'gzip' | 'deflate' | 'br' | 'zstd'): ByteStream {
    const iterator = coded[Symbol.asyncIterator]();
    const first = await iterator.next();
    if (first.done) return;
    const decoder = createDecoder(coding, first.value[0]);
    this.#decoders.push(decoder);
    pipeline(continued([first.value], iterator), decoder, () => {}); // its error is the decoder's
    try {
      for await (const chunk of decoder) yield chunk as Buffer;
    } catch (thrown) {
      throw thrown instanceof BottleError ? thrown : badCoding(coding, thrown as Error);
    }
  }

  async *#checked(decoded: ByteStream): ByteStream {
    const { maxRatio } = this.#options;
    let length = 0;
    for await (const chunk of decoded) {
      length += chunk.length;
      if (maxRatio > 0 && length > RATIO_COUNTS_FROM_BYTES && length > this.#wireBytes * maxRatio) {
        throw tooDense(maxRatio);
      }
      yield chunk;
    }
  }
}

async function* limited(stream: ByteStream, limitBytes: number): ByteStream {
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (limitBytes > 0 && length > limitBytes) throw bodyTooLarge(limitBytes);
    yield chunk;
  }
}

async function* continued(head: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): ByteStream {
  try {
    yield* head;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

function badCoding(coding: string, cause: Error): BottleError {
  const message = `the body is not whole ${coding} data: ${cause.message}`;
  return new BottleError(Code.INVALID_ARGUMENT, 'bad-content-encoding', message);
}

function tooDense(maxRatio: number): BottleError {
  const message = `the body decompresses to more than ${maxRatio} times its size`;
  return new BottleError(Code.INVALID_ARGUMENT, 'compression-ratio', message, {
    details: { maxRatio },
    httpStatus: 413,
  });
}
