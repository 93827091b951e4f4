// Original file: bottle/v1/channel.proto


/**
 * The responder is about to stop.
 */
export interface Goodbye {
  /**
   * For logs: "the function container stops".
   */
  'reason'?: (string);
}

/**
 * The responder is about to stop.
 */
export interface Goodbye__Output {
  /**
   * For logs: "the function container stops".
   */
  'reason': (string);
}
