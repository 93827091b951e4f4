import { setTimeout as delay } from 'node:timers/promises';
import type { QueueDriver, QueueMessage } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import { backoffMs } from './backoff.ts';
import { DEAD_LETTER, deadLetterHeaders } from './dead-letter-headers.ts';
import type { Delivery } from './delivery.ts';
import { labelsOf, type MqLog, type MqPlan, ownCall } from './plan.ts';

/** What a dead-letter topic is made with: letters are few, and somebody has to look at them. */
export const DEAD_LETTER_TOPIC = { partitions: 1, retentionMs: 30 * 86_400_000 } as const;

const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 10_000;
/** How long one publish is waited for. */
const PUBLISH_TIMEOUT_MS = 30_000;
const HELD = 'a dead letter cannot be written, and its partition waits';

export interface DeadLettersOptions {
  plan: MqPlan;
  driver: QueueDriver;
  log: MqLog;
}

/** Puts messages aside that were tried often enough. */
export class DeadLetters {
  readonly #options: DeadLettersOptions;

  constructor(options: DeadLettersOptions) {
    this.#options = options;
  }

  /**
   * Resolves with what it ended as when the dead-letter topic has acknowledged it, or when there is none. Tries for ever, while the
   * partition waits, and answers undefined when that closes. Never rejects.
   */
  async bury(
    delivery: Delivery,
    error: BottleError,
    closing: AbortSignal,
  ): Promise<'dead-letter' | 'given-up' | undefined> {
    const { plan, log } = this.#options;
    const { record, window } = delivery;
    const { deadLetterTopic } = plan;
    const place = { ...labelsOf(plan), partition: record.partition, offset: String(record.offset) };
    const { reason, code, message: text } = error;
    const fields = { ...place, attempts: delivery.attempts, reason, code, error: text };
    if (deadLetterTopic === '') {
      log.warn(fields, 'message given up: there is no dead-letter topic');
      return 'given-up';
    }
    const leaving = AbortSignal.any([closing, window.closing]);
    let message = this.#letterOf(delivery, error);
    try {
      for (let failures = 1; ; failures++) {
        try {
          await this.#publish(message, window.isHeld ? leaving : closing);
          log.warn({ ...fields, deadLetterTopic }, 'message became a dead letter');
          return 'dead-letter';
        } catch (thrown) {
          if (leaving.aborted) return undefined;
          const failure = BottleError.from(thrown);
          if (failure.code === Code.INVALID_ARGUMENT && message.value !== undefined) {
            message = withoutValue(message);
            continue;
          }
          if (window.hold(delivery, failure.message)) {
            log.error({ ...place, deadLetterTopic, reason: failure.message }, `${HELD}: see \`bottle mq list\``);
          }
          const pauseMs = backoffMs(failures, FIRST_PAUSE_MS, MAX_PAUSE_MS);
          await delay(pauseMs, undefined, { signal: leaving }).catch(() => {}); // asked below
          if (leaving.aborted) return undefined;
          // Somebody may have made it, or allowed it, meanwhile; the next try tells.
          if (failure.code === Code.NOT_FOUND) await this.#ensureTopic(leaving).catch(() => {});
        }
      }
    } finally {
      if (window.letGo(delivery) && !leaving.aborted) log.info(place, 'dead letters are written again');
    }
  }

  /** Not waited for any more when the signal aborts. */
  async #publish(message: QueueMessage, signal: AbortSignal): Promise<void> {
    const { plan, driver } = this.#options;
    const limited = AbortSignal.any([signal, AbortSignal.timeout(PUBLISH_TIMEOUT_MS)]);
    const published = driver.publish(plan.deadLetterTopic, [message], ownCall(plan.resource, limited));
    await Promise.race([published, rejection(limited)]);
  }

  async #ensureTopic(signal: AbortSignal): Promise<void> {
    const { plan, driver } = this.#options;
    await Promise.race([driver.ensureTopic(plan.deadLetterTopic, DEAD_LETTER_TOPIC), rejection(signal)]);
  }

  #letterOf({ record, attempts }: Delivery, error: BottleError): QueueMessage {
    const { functionName, topic, group } = this.#options.plan;
    return {
      key: record.key,
      value: record.value,
      headers: deadLetterHeaders({ record, error, attempts, functionName, topic, group }),
      partition: undefined,
      delayMs: 0,
      timestampMs: Date.now(),
    };
  }
}

/** For a message that just fits into its own topic, and not with further headers. */
function withoutValue(message: QueueMessage): QueueMessage {
  const omitted = { name: DEAD_LETTER.valueOmitted, value: Buffer.from('true') };
  return { ...message, value: undefined, headers: [...message.headers, omitted] };
}

function rejection(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {}); // the race may be over
  signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  if (signal.aborted) reject(signal.reason as Error);
  return promise;
}
