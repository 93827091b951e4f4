/** A whole response. */
export interface ParsedResponse {
  status: number;
  /** Status line and header lines. */
  head: string;
  body: string;
}

/** Reads HTTP/1.1 responses with a content-length off a connection, one at a time. */
export class ResponseParser {
  #rest = '';

  /** Adds text; returns the response when it is complete. */
  push(text: string): ParsedResponse | undefined {
    this.#rest += text;
    const headEnd = this.#rest.indexOf('\r\n\r\n');
    if (headEnd === -1) return undefined;
    const head = this.#rest.slice(0, headEnd);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    const bodyEnd = headEnd + 4 + length;
    if (this.#rest.length < bodyEnd) return undefined;
    const body = this.#rest.slice(headEnd + 4, bodyEnd);
    this.#rest = this.#rest.slice(bodyEnd);
    return { status: Number(head.slice(9, 12)), head, body };
  }
}
