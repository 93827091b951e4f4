import { readFileSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';

/** What became of one request. */
export interface Answer {
  id: string;
  /** 0: the connection was refused or broken. */
  status: number;
  reason: string;
}

/** A client with keep-alive connections in which every request carries an id of its own. */
export class LoadClient {
  readonly answers: Answer[] = [];
  sent = 0;
  #stopped = false;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #loops: Promise<void>[];

  /** `connections` loops, each with one request under way until `stop`, or until connections are refused. */
  constructor(
    url: string,
    options: { method: 'GET' | 'POST'; path: string; connections: number; onRefused?: 'end' | 'retry' },
  ) {
    const loop = async (index: number): Promise<void> => {
      for (let turn = 0; !this.#stopped; turn++) {
        const id = `${index}-${turn}`;
        this.sent += 1;
        const answer = await this.#ask(`${url}${options.path}`, options.method, id);
        if (answer === 'refused') {
          this.sent -= 1; // it never was
          if (options.onRefused === 'end') return;
          await new Promise((resolve) => setTimeout(resolve, 5));
        } else {
          this.answers.push(answer);
        }
      }
    };
    this.#loops = Array.from({ length: options.connections }, (_, index) => loop(index));
  }

  /** Those that were not answered with 200. */
  get failures(): Answer[] {
    return this.answers.filter(({ status }) => status !== 200);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.ended();
  }

  async ended(): Promise<void> {
    await Promise.all(this.#loops);
    this.#agent.destroy();
  }

  #ask(url: string, method: string, id: string): Promise<Answer | 'refused'> {
    return new Promise((resolve) => {
      const request = httpRequest(url, { method, agent: this.#agent, headers: { 'x-request': id } }, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => (body += text));
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          const { reason = '' } = status === 200 ? {} : (JSON.parse(body) as { reason?: string });
          resolve({ id, status, reason });
        });
        response.on('error', () => resolve({ id, status: 0, reason: 'cut off' }));
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        resolve(error.code === 'ECONNREFUSED' ? 'refused' : { id, status: 0, reason: error.code ?? error.message });
      });
      request.end();
    });
  }
}

/** How often each id was executed, as the function noted it. */
export function executions(file: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of readFileSync(file, 'utf8').split('\n').filter(Boolean)) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/** One row of the fault table. */
export function report(fault: string, client: LoadClient, executed: Map<string, number>, note = ''): void {
  const lost = client.sent - client.answers.length;
  const duplicates = [...executed.values()].filter((count) => count > 1).length;
  const row = {
    fault,
    sent: client.sent,
    answered: client.answers.length,
    failed: client.failures.length,
    lost,
    duplicates,
    note,
  };
  process.stdout.write(`fault: ${JSON.stringify(row)}\n`);
}
