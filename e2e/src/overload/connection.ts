import { connect, type Socket } from 'node:net';
import { type ParsedResponse, ResponseParser } from './response-parser.ts';

interface ConnectionHandlers {
  onResponse(response: ParsedResponse, dueAt: number): void;
  onLeft(dueAt: number): void;
  /** `dueAt` is that of a request that has no answer. */
  onClosed(dueAt: number | undefined, why: string): void;
}

/** A keep-alive connection with one request under way at a time. */
export class Connection {
  readonly #socket: Socket;
  #dueAt: number | undefined;
  #patience: NodeJS.Timeout | undefined;

  constructor(port: number, { onResponse, onLeft, onClosed }: ConnectionHandlers) {
    const parser = new ResponseParser();
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket = socket;
    let why = 'connection closed';
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      const response = parser.push(text);
      const dueAt = this.#dueAt;
      if (!response || dueAt === undefined) return;
      clearTimeout(this.#patience);
      this.#dueAt = undefined;
      onResponse(response, dueAt);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => (why = error.code ?? error.message));
    socket.on('close', () => {
      clearTimeout(this.#patience);
      onClosed(this.#dueAt, why);
    });
    this.#leave = () => {
      if (this.#dueAt !== undefined) onLeft(this.#dueAt);
      this.#dueAt = undefined;
      socket.destroy();
    };
  }

  readonly #leave: () => void;

  send(request: string, dueAt: number, patienceMs: number | undefined): void {
    this.#dueAt = dueAt;
    this.#socket.write(request, 'latin1');
    if (patienceMs !== undefined)
      this.#patience = setTimeout(this.#leave, Math.max(1, dueAt + patienceMs - performance.now()));
  }

  close(): void {
    this.#dueAt = undefined;
    this.#socket.destroy();
  }
}
