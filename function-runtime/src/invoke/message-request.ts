import type { DeliveredMessage, Request__Output } from '@bottle/protos';

const NO_BYTES = Buffer.alloc(0);
/** The digits at the end of an invocation's id that count. */
const COUNTING_DIGITS = 8;

/** The request that a message of a pack would have come with by itself. Most of it nobody looks at. */
export class MessageRequest implements Request__Output {
  readonly target: string;
  readonly invocationId: string;
  readonly timeoutMs: number;
  readonly trigger = 'TRIGGER_KIND_MQ';
  readonly http = null;
  readonly contentType = '';
  readonly caller = '';
  readonly places = 1;
  readonly #pack: Request__Output;
  readonly #message: DeliveredMessage;

  constructor(pack: Request__Output, message: DeliveredMessage, index: number) {
    this.target = pack.target;
    this.invocationId = index === 0 ? pack.invocationId : countedUp(pack.invocationId, index);
    this.timeoutMs = pack.timeoutMs;
    this.#pack = pack;
    this.#message = message;
  }

  get traceparent(): string {
    return this.#header('traceparent');
  }
  get baggage(): string {
    return this.#header('baggage');
  }
  get attributes(): string[] {
    return [...this.#pack.attributes, 'attempt', String(this.#message.attempt)];
  }
  get body(): Buffer {
    return this.#message.record.value ?? NO_BYTES;
  }

  #header(wanted: string): string {
    const header = this.#message.record.headers.findLast(({ name }) => name.toLowerCase() === wanted);
    return header?.value?.toString() ?? '';
  }
}

function countedUp(id: string, by: number): string {
  const end = id.length - COUNTING_DIGITS;
  const count = (Number.parseInt(id.slice(end), 16) + by) % 16 ** COUNTING_DIGITS;
  return id.slice(0, end) + count.toString(16).padStart(COUNTING_DIGITS, '0');
}
