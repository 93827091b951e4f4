import type { IncomingMessage, ServerResponse } from 'node:http';
import { BottleError, Code } from '@bottle/protos';
import { bodyTooLarge } from '../body-too-large.ts';
import type { Body, UnreadBody } from '../layer.ts';

const EMPTY: Body = { kind: 'bytes', bytes: Buffer.alloc(0) };

/** How long the end of an HTTP/2 request waits for its reset, in milliseconds. */
const GRACE_MS = 15;

/** The body of a request without one. */
export const NO_BODY: UnreadBody = {
  read: (maxBytes) => (maxBytes === 0 ? { kind: 'stream', stream: noBytes() } : EMPTY),
  abandon: () => {},
};

async function* noBytes(): AsyncGenerator<Uint8Array> {}

/** The body of an HTTP request. Nothing is read, and no `100 Continue` sent, before somebody wants it. */
export class HttpBody implements UnreadBody {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #expectsContinue: boolean;
  #abandon: ((error: BottleError) => void) | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean) {
    this.#request = request;
    this.#response = response;
    this.#expectsContinue = expectsContinue;
  }

  read(maxBytes: number, limitBytes: number): Promise<Body> {
    const declared = Number(this.#request.headers['content-length'] ?? Number.NaN);
    if (limitBytes > 0 && declared > limitBytes) throw bodyTooLarge(limitBytes);
    if (this.#expectsContinue) this.#response.writeContinue();
    if (maxBytes === 0 || declared > maxBytes) return Promise.resolve(this.#stream([], limitBytes));
    return this.#collect(maxBytes, limitBytes);
  }

  abandon(error: BottleError): void {
    this.#abandon?.(error);
  }

  /** A client that leaves is noticed by its response, which cancels the invocation and so abandons the read. */
  #collect(maxBytes: number, limitBytes: number): Promise<Body> {
    const request = this.#request;
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let length = 0;
      this.#abandon = reject;
      const onData = (chunk: Buffer): void => {
        chunks.push(chunk);
        length += chunk.length;
        if (length <= maxBytes) return;
        request.off('data', onData).off('end', onEnd).pause();
        resolve(this.#stream(chunks, limitBytes));
      };
      const onEnd = (): void => {
        const certain = untilCertain(request);
        if (certain) certain.then(() => resolve({ kind: 'bytes', bytes: join(chunks) }), reject);
        else if (request.complete) resolve({ kind: 'bytes', bytes: join(chunks) });
        else reject(brokenOff());
      };
      request.on('data', onData).on('end', onEnd);
    });
  }

  #stream(head: Buffer[], limitBytes: number): Body {
    return { kind: 'stream', stream: limited(head, this.#request, limitBytes) };
  }
}

async function* limited(head: Buffer[], request: IncomingMessage, limitBytes: number): AsyncGenerator<Uint8Array> {
  let length = 0;
  const count = (chunk: Buffer): Buffer => {
    length += chunk.length;
    if (limitBytes > 0 && length > limitBytes) throw bodyTooLarge(limitBytes);
    return chunk;
  };
  for (const chunk of head) yield count(chunk);
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) yield count(chunk as Buffer);
    await untilCertain(request);
    if (!request.complete) throw brokenOff();
  } catch (thrown) {
    throw thrown instanceof BottleError ? thrown : brokenOff();
  }
}

/**
 * Settles when the end of an HTTP/2 request is known to be one; rejects when it is not. A reset looks like an end, and
 * clients on Node.js that give a request up send its end first, and the reset right behind it: a body without a declared
 * length waits for that.
 */
function untilCertain(request: IncomingMessage): Promise<void> | undefined {
  if (request.httpVersionMajor < 2) return undefined;
  if (request.aborted) return Promise.reject(brokenOff());
  if (request.headers['content-length'] !== undefined) return undefined;
  return new Promise((resolve, reject) => {
    const onAborted = (): void => {
      clearTimeout(timer);
      reject(brokenOff());
    };
    const timer = setTimeout(() => {
      request.off('aborted', onAborted);
      resolve();
    }, GRACE_MS);
    request.once('aborted', onAborted);
  });
}

function join(chunks: Buffer[]): Buffer {
  const [only] = chunks;
  return chunks.length === 1 && only ? only : Buffer.concat(chunks);
}

function brokenOff(): BottleError {
  return new BottleError(Code.CANCELLED, 'client-closed', 'the client closed the request');
}
