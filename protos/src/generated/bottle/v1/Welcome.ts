// Original file: bottle/v1/channel.proto

import type { FunctionTable as _bottle_v1_FunctionTable, FunctionTable__Output as _bottle_v1_FunctionTable__Output } from '../../bottle/v1/FunctionTable.ts';

/**
 * The responder's half.
 */
export interface Welcome {
  /**
   * For logs: "bottle-runtime/0.1.0".
   */
  'software'?: (string);
  /**
   * The agreed version: the highest both speak. 0 with `refusal`.
   */
  'protocol'?: (number);
  /**
   * What both sides named.
   */
  'features'?: (string)[];
  /**
   * The agreed threshold, in bytes.
   */
  'bodyThresholdBytes'?: (number);
  /**
   * Identifies this run of the process.
   */
  'instanceId'?: (string);
  /**
   * Set by the function container.
   */
  'table'?: (_bottle_v1_FunctionTable | null);
  /**
   * Why the two cannot work together. The stream ends after this frame.
   */
  'refusal'?: (string);
}

/**
 * The responder's half.
 */
export interface Welcome__Output {
  /**
   * For logs: "bottle-runtime/0.1.0".
   */
  'software': (string);
  /**
   * The agreed version: the highest both speak. 0 with `refusal`.
   */
  'protocol': (number);
  /**
   * What both sides named.
   */
  'features': (string)[];
  /**
   * The agreed threshold, in bytes.
   */
  'bodyThresholdBytes': (number);
  /**
   * Identifies this run of the process.
   */
  'instanceId': (string);
  /**
   * Set by the function container.
   */
  'table': (_bottle_v1_FunctionTable__Output | null);
  /**
   * Why the two cannot work together. The stream ends after this frame.
   */
  'refusal': (string);
}
