import { randomUUID } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';

/** What became of one request. */
interface Answer {
  id: string;
  /** 0: the connection was refused, or broke. */
  status: number;
  reason: string;
}

export interface OpenLoopOptions {
  url: string;
  path: string;
  /** Requests a second, whether or not the ones before were answered. */
  rate: number;
  /** Connections that are kept open at most. */
  maxSockets?: number;
}

/** A client that sends at a fixed rate, each request with an id of its own. */
export class OpenLoop {
  readonly answers: Answer[] = [];
  sent = 0;
  readonly #options: OpenLoopOptions;
  readonly #agent: Agent;
  readonly #timer: NodeJS.Timeout;
  readonly #startedAt = performance.now();
  readonly #name = randomUUID().slice(0, 8);
  #stopped = false;

  constructor(options: OpenLoopOptions) {
    this.#options = options;
    this.#agent = new Agent({ keepAlive: true, maxSockets: options.maxSockets ?? 256 });
    this.#timer = setInterval(() => this.#catchUp(), 2);
  }

  /** Answered with 200 so far. */
  good = 0;

  get failures(): Answer[] {
    return this.answers.filter(({ status }) => status !== 200);
  }

  /** "503 connection-lost ×3" for each kind. */
  get failureKinds(): string {
    const kinds = new Map<string, number>();
    for (const { status, reason } of this.failures) {
      const kind = `${status} ${reason}`;
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    return [...kinds].map(([kind, count]) => `${kind} ×${count}`).join(', ');
  }

  /** Whether an id is one of this client's. */
  sentId(id: string): boolean {
    return id.startsWith(`${this.#name}-`);
  }

  /** Sends no more; resolves when everything sent has had its answer, or after `timeoutMs`. */
  async stop(timeoutMs = 45_000): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    const deadline = performance.now() + timeoutMs;
    while (this.answers.length < this.sent && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 10));
    this.#agent.destroy();
  }

  #catchUp(): void {
    const due = Math.floor(((performance.now() - this.#startedAt) / 1_000) * this.#options.rate);
    while (!this.#stopped && this.sent < due) this.#send();
  }

  #send(): void {
    this.sent += 1;
    const id = `${this.#name}-${this.sent}`;
    const settle = (status: number, reason: string): void => {
      this.answers.push({ id, status, reason });
      if (status === 200) this.good += 1;
    };
    const options = { method: 'POST', agent: this.#agent, headers: { 'x-request': id, 'content-length': 0 } };
    const request = httpRequest(`${this.#options.url}${this.#options.path}`, options, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => (body += text));
      response.once('error', () => settle(0, 'cut off'));
      response.once('end', () => {
        const status = response.statusCode ?? 0;
        settle(status, status === 200 ? '' : reasonOf(body));
      });
    });
    request.once('error', (error: NodeJS.ErrnoException) => settle(0, error.code ?? error.message));
    request.end();
  }
}

function reasonOf(body: string): string {
  try {
    return (JSON.parse(body) as { reason?: string }).reason ?? '';
  } catch {
    return 'not JSON';
  }
}
