/** A whole response. */
export interface ReadResponse {
  status: number;
  body: Buffer;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * Reads HTTP/1.1 responses off a connection: a status line, then content-length or chunked. Strict, and cheap: a
 * response that arrives in one piece costs two searches and a slice.
 */
export class ResponseReader {
  #rest: Buffer = Buffer.alloc(0);

  /** Adds bytes; returns the next response when it is complete. Call `next` again for one that came with it. */
  push(chunk: Buffer): ReadResponse | undefined {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    return this.next();
  }

  next(): ReadResponse | undefined {
    const headEnd = this.#rest.indexOf(HEAD_END);
    if (headEnd === -1) return undefined;
    const head = this.#rest.toString('latin1', 0, headEnd);
    const status = Number(head.slice(9, 12));
    if (!head.startsWith('HTTP/1.1 ') || !(status >= 100)) throw new Error(`not a response: ${head.slice(0, 40)}`);
    const bodyStart = headEnd + HEAD_END.length;
    const length = /^content-length: *(\d+)$/im.exec(head)?.[1];
    if (length !== undefined) return this.#take(status, bodyStart, bodyStart + Number(length));
    if (/^transfer-encoding: *chunked$/im.test(head)) return this.#takeChunked(status, bodyStart);
    return this.#take(status, bodyStart, bodyStart);
  }

  #take(status: number, start: number, end: number): ReadResponse | undefined {
    if (this.#rest.length < end) return undefined;
    const body = this.#rest.subarray(start, end);
    this.#rest = this.#rest.subarray(end);
    return { status, body };
  }

  #takeChunked(status: number, start: number): ReadResponse | undefined {
    const parts: Buffer[] = [];
    for (let position = start; ; ) {
      const lineEnd = this.#rest.indexOf('\r\n', position);
      if (lineEnd === -1) return undefined;
      const size = Number.parseInt(this.#rest.toString('latin1', position, lineEnd), 16);
      if (!(size >= 0)) throw new Error('not a chunk size');
      const end = lineEnd + 2 + size + 2;
      if (this.#rest.length < end) return undefined;
      if (size === 0) {
        this.#rest = this.#rest.subarray(end);
        return { status, body: Buffer.concat(parts) };
      }
      parts.push(this.#rest.subarray(lineEnd + 2, lineEnd + 2 + size));
      position = end;
    }
  }
}
