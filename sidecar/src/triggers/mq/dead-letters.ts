import { setTimeout as delay } from 'node:timers/promises';
import type { QueueDriver, QueueMessage } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import { backoffMs } from './backoff.ts';
import { DEAD_LETTER, deadLetterHeaders } from './dead-letter-headers.ts';
import type { Delivery } from './delivery.ts';
import { type MqLog, type MqPlan, ownCall } from './plan.ts';

const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 10_000;
/** How long one publish is waited for. */
const PUBLISH_TIMEOUT_MS = 30_000;

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
   * Resolves with what it ended as when the dead-letter topic has acknowledged it, or when there is none. Tries for ever,
   * and answers undefined when it is not wanted any more. Never rejects.
   */
  async bury(
    delivery: Delivery,
    error: BottleError,
    isWanted: () => boolean,
    closing: AbortSignal,
  ): Promise<'dead-letter' | 'given-up' | undefined> {
    const { plan, log } = this.#options;
    const { record } = delivery;
    const fields = {
      function: plan.functionName,
      topic: plan.topic,
      group: plan.group,
      partition: record.partition,
      offset: String(record.offset),
      attempts: delivery.attempts,
      reason: error.reason,
      code: error.code,
      error: error.message,
    };
    if (plan.deadLetterTopic === '') {
      log.warn(fields, 'message given up: there is no dead-letter topic');
      return 'given-up';
    }
    let message = this.#letterOf(delivery, error);
    for (let failures = 1; ; failures++) {
      try {
        await this.#publish(message, closing);
        log.warn({ ...fields, deadLetterTopic: plan.deadLetterTopic }, 'message became a dead letter');
        return 'dead-letter';
      } catch (thrown) {
        const failure = BottleError.from(thrown);
        if (!isWanted()) return undefined;
        if (failure.code === Code.INVALID_ARGUMENT && message.value !== undefined) {
          message = withoutValue(message);
          continue;
        }
        log.error(
          { ...fields, deadLetterTopic: plan.deadLetterTopic, err: failure },
          'dead letter cannot be published',
        );
        const pauseMs = backoffMs(failures, FIRST_PAUSE_MS, MAX_PAUSE_MS);
        await delay(pauseMs, undefined, { signal: closing }).catch(() => {}); // closing: asked below
        if (!isWanted()) return undefined;
      }
    }
  }

  async #publish(message: QueueMessage, closing: AbortSignal): Promise<void> {
    const { plan, driver } = this.#options;
    const signal = AbortSignal.any([closing, AbortSignal.timeout(PUBLISH_TIMEOUT_MS)]);
    await driver.publish(plan.deadLetterTopic, [message], ownCall(plan.resource, signal));
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
