import { randomUUID } from 'node:crypto';
import { BottleError, Code, type Response, toWireError } from '@bottle/protos';

/** How long an answer waits for its caller to come for it. */
const COLLECT_TIMEOUT_MS = 5_000;
/** Most bytes that wait so. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Answers too large for a frame of the batched stream: each waits for the call of its own that will carry it. */
export class ParkedAnswers {
  readonly #waiting = new Map<string, Buffer>();
  #bytes = 0;

  /** The answer, or a ticket for it. */
  fit(response: Response, thresholdBytes: number): Response {
    const body = response.body as Buffer | undefined;
    if (!body || body.length <= thresholdBytes) return response;
    if (this.#bytes + body.length > MAX_BYTES) {
      const message = 'too many large answers wait to be collected';
      const details = { outcome: 'done' }; // whatever was asked for
      return { error: toWireError(new BottleError(Code.RESOURCE_EXHAUSTED, 'answers-full', message, { details })) };
    }
    const ticket = randomUUID();
    this.#waiting.set(ticket, body);
    this.#bytes += body.length;
    setTimeout(() => this.#take(ticket), COLLECT_TIMEOUT_MS).unref();
    return { ...response, body: Buffer.alloc(0), ticket };
  }

  /** The answer, once. */
  collect(ticket: string): Response {
    const body = this.#take(ticket);
    if (body) return { value: {}, body };
    const error = new BottleError(Code.NOT_FOUND, 'no-answer', 'no answer waits under this ticket (any more)');
    return { error: toWireError(error) };
  }

  #take(ticket: string): Buffer | undefined {
    const body = this.#waiting.get(ticket);
    if (body && this.#waiting.delete(ticket)) this.#bytes -= body.length;
    return body;
  }
}
