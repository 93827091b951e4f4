import { Connection } from '../connection.ts';
import type { ParsedResponse } from '../response-parser.ts';

/** Further requests find no connection: what is not answered must not pile up here. */
const MAX_CONNECTIONS = 8_000;

interface Waiting {
  connection: Connection;
  settle(response: ParsedResponse | { failed: string }): void;
}

/** Keep-alive connections to one port, as many as requests are under way. */
export class HttpPool {
  readonly #port: number;
  readonly #idle: Waiting[] = [];
  readonly #all = new Set<Waiting>();

  constructor(port: number) {
    this.#port = port;
  }

  /** `fields` are lower-case header names with their values. Never rejects. */
  post(path: string, fields: object, body = ''): Promise<ParsedResponse | { failed: string }> {
    const head = Object.entries({ host: 'test', 'content-length': Buffer.byteLength(body), ...fields })
      .map(([name, value]) => `${name}: ${String(value)}\r\n`)
      .join('');
    return new Promise((resolve) => {
      const waiting = this.#idle.pop() ?? this.#connect();
      if (!waiting) return resolve({ failed: 'no connection' });
      waiting.settle = resolve;
      waiting.connection.send(`POST ${path} HTTP/1.1\r\n${head}\r\n${body}`, performance.now(), undefined);
    });
  }

  close(): void {
    for (const { connection } of this.#all) connection.close();
  }

  #connect(): Waiting | undefined {
    if (this.#all.size >= MAX_CONNECTIONS) return undefined;
    const connection = new Connection(this.#port, {
      onResponse: (response) => {
        this.#idle.push(waiting);
        waiting.settle(response);
      },
      onLeft: () => {},
      onClosed: (_dueAt, why) => {
        this.#all.delete(waiting);
        const at = this.#idle.indexOf(waiting);
        if (at === -1) waiting.settle({ failed: why });
        else this.#idle.splice(at, 1);
      },
    });
    const waiting: Waiting = { connection, settle: () => {} };
    this.#all.add(waiting);
    return waiting;
  }
}
