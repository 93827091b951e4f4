// Runs the messages of a pack, each as an invocation of its own.
//  1. All of a pack may begin: whoever sent it has places for all of them. They do so one by one, as any invocation does.
//  2. The answer does not wait for those that take long: it names them, and each is asked for by a request of its own.
//     While the container stops, it does wait, because who asks then may not find it any more.
//  3. What nobody asks for is forgotten a while after it has ended.
//  4. Packs that arrive together begin one after the other, so that the answer to the first is on its way, and worked on,
//     while the second one runs.
//  5. A pack that was answered is not over while code of one that nobody will ask for runs on.
import {
  BottleError,
  Code,
  createMessageCodecs,
  type DeliveredMessage,
  type PendingMessage,
  type Request__Output,
  type Response,
  toWireError,
} from '@bottle/protos';
import type { EncodedResult } from './encode-result.ts';
import type { Cancellation } from './invoker.ts';
import { MessageRequest } from './message-request.ts';
import { ReceivedMessage } from './received-message.ts';
import { Turns } from './turns.ts';

/** How long the answer waits for all. (2) */
const LINGER_MS = 5;
/** (3) */
const FORGET_AFTER_MS = 60_000;
const CONTENT_TYPE = 'application/x-protobuf';

type Failure = NonNullable<Response['error']>;

/** Runs one invocation; always resolves. */
export type RunMessage = (
  request: Request__Output,
  cancellation: Cancellation,
  event: ReceivedMessage,
) => Promise<EncodedResult>;

/** One message, from its beginning until its end is known to whoever sent it. */
interface Running extends Cancellation {
  /** Null: it is done. Undefined: it has not ended. */
  outcome: Failure | null | undefined;
  /** Its code runs on although it has ended. */
  runsOn: boolean;
  /** Somebody waits for its end. */
  onEnd: (() => void) | undefined;
  /** Somebody waits until its code has returned, too. */
  onReturn: (() => void) | undefined;
}

export class MessagePacks {
  readonly #run: RunMessage;
  readonly #lingerMs: number;
  readonly #codecs = createMessageCodecs();
  /** What was answered without these. (2) */
  readonly #pending = new Map<string, Running>();
  readonly #turns = new Turns();
  /** The container stops. (2) */
  isLeaving = false;

  constructor(run: RunMessage, lingerMs = LINGER_MS) {
    this.#run = run;
    this.#lingerMs = lingerMs;
  }

  /** `onOver` is called after a result that is `unfinished`. */
  async serve(request: Request__Output, cancellation: Cancellation, onOver: () => void): Promise<EncodedResult> {
    const { topic, messages, pending } = this.#codecs.decodeDelivery(request.body);
    if (pending) return await this.#untilEnded(pending, cancellation, onOver);
    if (messages.length === 0) return this.#answerOf([]);
    await this.untilTurn(cancellation);
    cancellation.started?.();
    return await this.#begin(request, topic, messages, cancellation, onOver);
  }

  /** (4) Throws when the answer is no longer wanted by then. */
  async untilTurn(cancellation: Cancellation): Promise<void> {
    let cancelled: string | undefined;
    cancellation.onCancel = (reason) => (cancelled = reason);
    await this.#turns.take();
    if (cancelled !== undefined) throw new BottleError(Code.CANCELLED, 'cancelled', `not begun: ${cancelled}`);
  }

  #begin(
    request: Request__Output,
    topic: string,
    messages: readonly DeliveredMessage[],
    cancellation: Cancellation,
    onOver: () => void,
  ): Promise<EncodedResult> {
    return new Promise((resolve) => {
      let left = messages.length;
      let timer: NodeJS.Timeout | undefined;
      const answer = (): void => {
        clearTimeout(timer);
        const ended = all.filter(({ outcome }) => outcome !== undefined);
        if (left > 0) this.#keep(request.invocationId, all);
        resolve(this.#answerOf(all, this.#untilReturned(ended, onOver)));
      };
      const onEnd = (): void => {
        left -= 1;
        if (left === 0) answer();
      };
      const all = messages.map((message, index) => this.#start(request, topic, message, index, onEnd));
      cancellation.onCancel = (reason) => {
        for (const running of all) running.onCancel?.(reason);
      };
      if (left > 0 && !this.isLeaving) timer = setTimeout(answer, this.#lingerMs);
    });
  }

  #start(
    request: Request__Output,
    topic: string,
    message: DeliveredMessage,
    index: number,
    onEnd: () => void,
  ): Running {
    const over = (): void => {
      running.runsOn = false;
      running.onReturn?.();
    };
    const running: Running & Cancellation = {
      outcome: undefined,
      runsOn: false,
      onEnd,
      onReturn: undefined,
      onCancel: undefined,
      over,
    };
    const end = (error: Failure | null | undefined): void => {
      running.outcome = error ?? null;
      running.onEnd?.();
    };
    let event: ReceivedMessage;
    try {
      event = new ReceivedMessage(topic, message, index);
    } catch (thrown) {
      queueMicrotask(() => end(toWireError(BottleError.from(thrown))));
      return running;
    }
    const ended = ({ response }: EncodedResult): void => {
      running.runsOn = response.unfinished ?? false;
      end(response.error);
    };
    void this.#run(new MessageRequest(request, message, index), running, event).then(ended);
    return running;
  }

  /** (5) Whether any of these runs on; then calls `onOver` when the last one has returned. */
  #untilReturned(all: readonly Running[], onOver: () => void): boolean {
    const runningOn = all.filter(({ runsOn }) => runsOn);
    let left = runningOn.length;
    for (const running of runningOn) {
      running.onReturn = () => {
        left -= 1;
        if (left === 0) onOver();
      };
    }
    return left > 0;
  }

  #keep(packId: string, all: readonly Running[]): void {
    for (const [index, running] of all.entries()) {
      if (running.outcome !== undefined) continue;
      const key = keyOf({ of: packId, index });
      this.#pending.set(key, running);
      running.onEnd = () => {
        setTimeout(() => this.#pending.delete(key), FORGET_AFTER_MS).unref();
      };
    }
  }

  #untilEnded(pending: PendingMessage, cancellation: Cancellation, onOver: () => void): Promise<EncodedResult> {
    const key = keyOf(pending);
    const running = this.#pending.get(key);
    if (!running) {
      const message = 'the message is not known here: this is another process';
      const error = toWireError(new BottleError(Code.NOT_FOUND, 'no-delivery', message));
      return Promise.resolve({ response: { error }, bytes: Buffer.alloc(0) });
    }
    this.#pending.delete(key);
    cancellation.started?.();
    return new Promise((resolve) => {
      const answer = (): void => resolve(this.#answerOf([running], this.#untilReturned([running], onOver)));
      cancellation.onCancel = (reason) => running.onCancel?.(reason);
      if (running.outcome === undefined) running.onEnd = answer;
      else answer();
    });
  }

  #answerOf(all: readonly Running[], unfinished = false): EncodedResult {
    const failures = all.flatMap(({ outcome }, index) =>
      outcome === null ? [] : [outcome === undefined ? { index } : { index, error: outcome }],
    );
    const bytes = this.#codecs.encodeFailures(failures);
    return { response: { value: { contentType: CONTENT_TYPE }, unfinished }, bytes };
  }
}

function keyOf({ of, index }: PendingMessage): string {
  return `${of}/${index}`;
}
