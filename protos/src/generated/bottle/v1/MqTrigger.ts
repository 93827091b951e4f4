// Original file: bottle/v1/triggers.proto

import type { Idempotency as _bottle_v1_Idempotency, Idempotency__Output as _bottle_v1_Idempotency__Output } from '../../bottle/v1/Idempotency.ts';

/**
 * Messages that a function consumes: at least once, in order for each key.
 */
export interface MqTrigger {
  /**
   * The `mq` resource, without its capability: "orders".
   */
  'resource'?: (string);
  /**
   * Without the resource's prefix.
   */
  'topic'?: (string);
  /**
   * Consumers of one group share the messages.
   */
  'group'?: (string);
  /**
   * Most messages of one invocation. 0: one message by itself instead of a list.
   */
  'batch'?: (number);
  /**
   * Longest wait for a batch to fill, in milliseconds.
   */
  'batchWaitMs'?: (number);
  /**
   * Most invocations under way in this pod for this trigger; different keys only.
   */
  'concurrency'?: (number);
  /**
   * How often a message is tried before it goes to the dead-letter topic, the first time included.
   */
  'attempts'?: (number);
  /**
   * Pause before the second try, doubled each time, in milliseconds.
   */
  'backoffMs'?: (number);
  /**
   * Longest pause between two tries, in milliseconds.
   */
  'maxBackoffMs'?: (number);
  /**
   * Where messages go that were tried often enough; empty: they are dropped, and counted.
   */
  'deadLetterTopic'?: (string);
  /**
   * Where a group that has never read begins: at the first message instead of behind the last.
   */
  'fromBeginning'?: (boolean);
  /**
   * A message that comes again, with the same key, is not processed again.
   */
  'idempotency'?: (_bottle_v1_Idempotency | null);
}

/**
 * Messages that a function consumes: at least once, in order for each key.
 */
export interface MqTrigger__Output {
  /**
   * The `mq` resource, without its capability: "orders".
   */
  'resource': (string);
  /**
   * Without the resource's prefix.
   */
  'topic': (string);
  /**
   * Consumers of one group share the messages.
   */
  'group': (string);
  /**
   * Most messages of one invocation. 0: one message by itself instead of a list.
   */
  'batch': (number);
  /**
   * Longest wait for a batch to fill, in milliseconds.
   */
  'batchWaitMs': (number);
  /**
   * Most invocations under way in this pod for this trigger; different keys only.
   */
  'concurrency': (number);
  /**
   * How often a message is tried before it goes to the dead-letter topic, the first time included.
   */
  'attempts': (number);
  /**
   * Pause before the second try, doubled each time, in milliseconds.
   */
  'backoffMs': (number);
  /**
   * Longest pause between two tries, in milliseconds.
   */
  'maxBackoffMs': (number);
  /**
   * Where messages go that were tried often enough; empty: they are dropped, and counted.
   */
  'deadLetterTopic': (string);
  /**
   * Where a group that has never read begins: at the first message instead of behind the last.
   */
  'fromBeginning': (boolean);
  /**
   * A message that comes again, with the same key, is not processed again.
   */
  'idempotency': (_bottle_v1_Idempotency__Output | null);
}
