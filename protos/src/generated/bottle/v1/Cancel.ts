// Original file: bottle/v1/channel.proto


/**
 * Why an answer is no longer wanted.
 */
export interface Cancel {
  /**
   * "client-closed", "deadline" or "shutdown".
   */
  'reason'?: (string);
}

/**
 * Why an answer is no longer wanted.
 */
export interface Cancel__Output {
  /**
   * "client-closed", "deadline" or "shutdown".
   */
  'reason': (string);
}
