// Original file: bottle/v1/triggers.proto

import type { Idempotency as _bottle_v1_Idempotency, Idempotency__Output as _bottle_v1_Idempotency__Output } from '../../bottle/v1/Idempotency.ts';

/**
 * An API that mobile clients call through the signed gateway.
 */
export interface GatewayTrigger {
  /**
   * "shop.cart.add"
   */
  'api'?: (string);
  /**
   * "1.0"
   */
  'version'?: (string);
  /**
   * Whether a session must be there: "required", "optional" or "none".
   */
  'session'?: (string);
  /**
   * A request that comes again gets the answer of the first one.
   */
  'idempotency'?: (_bottle_v1_Idempotency | null);
}

/**
 * An API that mobile clients call through the signed gateway.
 */
export interface GatewayTrigger__Output {
  /**
   * "shop.cart.add"
   */
  'api': (string);
  /**
   * "1.0"
   */
  'version': (string);
  /**
   * Whether a session must be there: "required", "optional" or "none".
   */
  'session': (string);
  /**
   * A request that comes again gets the answer of the first one.
   */
  'idempotency': (_bottle_v1_Idempotency__Output | null);
}
