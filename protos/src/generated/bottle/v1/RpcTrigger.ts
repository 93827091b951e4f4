// Original file: bottle/v1/triggers.proto

import type { Idempotency as _bottle_v1_Idempotency, Idempotency__Output as _bottle_v1_Idempotency__Output } from '../../bottle/v1/Idempotency.ts';

/**
 * A gRPC method that a function answers.
 */
export interface RpcTrigger {
  /**
   * "shop.v1.Stock"
   */
  'service'?: (string);
  /**
   * "Reserve"
   */
  'method'?: (string);
  /**
   * The client sends several messages.
   */
  'requestStream'?: (boolean);
  /**
   * The function answers with several messages.
   */
  'responseStream'?: (boolean);
  /**
   * A call that comes again gets the answer of the first one.
   */
  'idempotency'?: (_bottle_v1_Idempotency | null);
}

/**
 * A gRPC method that a function answers.
 */
export interface RpcTrigger__Output {
  /**
   * "shop.v1.Stock"
   */
  'service': (string);
  /**
   * "Reserve"
   */
  'method': (string);
  /**
   * The client sends several messages.
   */
  'requestStream': (boolean);
  /**
   * The function answers with several messages.
   */
  'responseStream': (boolean);
  /**
   * A call that comes again gets the answer of the first one.
   */
  'idempotency': (_bottle_v1_Idempotency__Output | null);
}
