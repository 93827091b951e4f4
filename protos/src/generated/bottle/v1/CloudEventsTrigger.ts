// Original file: bottle/v1/triggers.proto

import type { Idempotency as _bottle_v1_Idempotency, Idempotency__Output as _bottle_v1_Idempotency__Output } from '../../bottle/v1/Idempotency.ts';

/**
 * CloudEvents that a function takes. A filter is a text in which "*" stands for anything; empty: any.
 */
export interface CloudEventsTrigger {
  /**
   * The path they are sent to over HTTP; empty: not over HTTP.
   */
  'path'?: (string);
  /**
   * Which types, any of them.
   */
  'types'?: (string)[];
  /**
   * Which sources, any of them.
   */
  'sources'?: (string)[];
  /**
   * Which subjects, any of them.
   */
  'subjects'?: (string)[];
  /**
   * The `mq` resource they come from, without its capability; empty: not from a queue.
   */
  'resource'?: (string);
  /**
   * The topic there.
   */
  'topic'?: (string);
  /**
   * The consumer group there.
   */
  'group'?: (string);
  /**
   * An event that comes again, with the same key, is not processed again.
   */
  'idempotency'?: (_bottle_v1_Idempotency | null);
}

/**
 * CloudEvents that a function takes. A filter is a text in which "*" stands for anything; empty: any.
 */
export interface CloudEventsTrigger__Output {
  /**
   * The path they are sent to over HTTP; empty: not over HTTP.
   */
  'path': (string);
  /**
   * Which types, any of them.
   */
  'types': (string)[];
  /**
   * Which sources, any of them.
   */
  'sources': (string)[];
  /**
   * Which subjects, any of them.
   */
  'subjects': (string)[];
  /**
   * The `mq` resource they come from, without its capability; empty: not from a queue.
   */
  'resource': (string);
  /**
   * The topic there.
   */
  'topic': (string);
  /**
   * The consumer group there.
   */
  'group': (string);
  /**
   * An event that comes again, with the same key, is not processed again.
   */
  'idempotency': (_bottle_v1_Idempotency__Output | null);
}
