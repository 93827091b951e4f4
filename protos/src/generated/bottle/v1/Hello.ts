// Original file: bottle/v1/channel.proto

import type { FunctionTable as _bottle_v1_FunctionTable, FunctionTable__Output as _bottle_v1_FunctionTable__Output } from '../../bottle/v1/FunctionTable.ts';

/**
 * The caller's half of the negotiation.
 */
export interface Hello {
  /**
   * For logs: "bottle-sidecar/0.1.0".
   */
  'software'?: (string);
  /**
   * Lowest and highest version of this protocol that the caller speaks.
   */
  'protocolMin'?: (number);
  /**
   * Highest version; see above.
   */
  'protocolMax'?: (number);
  /**
   * Optional abilities that the caller has; what both name may be used.
   */
  'features'?: (string)[];
  /**
   * Largest body the caller accepts inside a frame, in bytes. The lower of both sides' figures counts.
   */
  'bodyThresholdBytes'?: (number);
  /**
   * Identifies this run of the process.
   */
  'instanceId'?: (string);
  /**
   * Set by the function container: its functions as they will be announced. Its init code may already make bottle calls.
   */
  'table'?: (_bottle_v1_FunctionTable | null);
}

/**
 * The caller's half of the negotiation.
 */
export interface Hello__Output {
  /**
   * For logs: "bottle-sidecar/0.1.0".
   */
  'software': (string);
  /**
   * Lowest and highest version of this protocol that the caller speaks.
   */
  'protocolMin': (number);
  /**
   * Highest version; see above.
   */
  'protocolMax': (number);
  /**
   * Optional abilities that the caller has; what both name may be used.
   */
  'features': (string)[];
  /**
   * Largest body the caller accepts inside a frame, in bytes. The lower of both sides' figures counts.
   */
  'bodyThresholdBytes': (number);
  /**
   * Identifies this run of the process.
   */
  'instanceId': (string);
  /**
   * Set by the function container: its functions as they will be announced. Its init code may already make bottle calls.
   */
  'table': (_bottle_v1_FunctionTable__Output | null);
}
