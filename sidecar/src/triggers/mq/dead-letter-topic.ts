import { setTimeout as delay } from 'node:timers/promises';
import type { QueueDriver } from '@bottle/capabilities';
import { BottleError } from '@bottle/protos';
import { backoffMs } from './backoff.ts';
import { DEAD_LETTER_TOPIC } from './dead-letters.ts';
import { labelsOf, type MqLog, type MqPlan } from './plan.ts';

const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 30_000;

export interface DeadLetterTopicOptions {
  plan: MqPlan;
  driver: QueueDriver;
  log: MqLog;
  signal: AbortSignal;
  /** Why there is none, and what to do about it; undefined when there is one, or nobody answers who could say. */
  onProblem(problem: string | undefined): void;
}

/** Makes the dead-letter topic of a consumer unless it is there, and tries until it is. Never rejects. */
export async function ensureDeadLetterTopic(options: DeadLetterTopicOptions): Promise<void> {
  const { plan, driver, log, signal, onProblem } = options;
  const { functionName, deadLetterTopic } = plan;
  if (deadLetterTopic === '') return;
  let said: string | undefined;
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      const isNew = await driver.ensureTopic(deadLetterTopic, DEAD_LETTER_TOPIC);
      if (isNew) log.info({ ...labelsOf(plan), deadLetterTopic }, 'dead-letter topic created');
      return onProblem(undefined);
    } catch (thrown) {
      const { message, retryable } = BottleError.from(thrown);
      const problem = `${functionName} has no dead-letter topic ${deadLetterTopic}, and may not make it: ${message}`;
      if (!retryable && problem !== said) {
        said = problem;
        log.error({ ...labelsOf(plan), deadLetterTopic, reason: message }, 'dead-letter topic cannot be created');
      }
      onProblem(said);
    }
    const pauseMs = backoffMs(failures, FIRST_PAUSE_MS, MAX_PAUSE_MS);
    await delay(pauseMs, undefined, { signal }).catch(() => {}); // ending: asked above
  }
}
