// Original file: bottle/v1/triggers.proto

import type { Long } from '@grpc/proto-loader';

/**
 * A repeated key gets the stored result; while the first one still runs, it waits for that.
 */
export interface Idempotency {
  /**
   * Where the key is: "header.idempotency-key", "body.orderId", "key" (of a message), "id" (of a CloudEvent); several
   * parts with " + " between them.
   */
  'key'?: (string);
  /**
   * How long a result is kept, in milliseconds.
   */
  'ttlMs'?: (number | string | Long);
  /**
   * The `cache` resource that keeps it, without its capability.
   */
  'resource'?: (string);
}

/**
 * A repeated key gets the stored result; while the first one still runs, it waits for that.
 */
export interface Idempotency__Output {
  /**
   * Where the key is: "header.idempotency-key", "body.orderId", "key" (of a message), "id" (of a CloudEvent); several
   * parts with " + " between them.
   */
  'key': (string);
  /**
   * How long a result is kept, in milliseconds.
   */
  'ttlMs': (string);
  /**
   * The `cache` resource that keeps it, without its capability.
   */
  'resource': (string);
}
