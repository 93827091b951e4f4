// Original file: bottle/v1/channel.proto


/**
 * Why an answer is no longer wanted.
 */
export interface Cancel {
  /**
   * "client-closed", "deadline" or "shutdown".
   */
  'reason'?: (string);
  /**
   * Set for a call outside this stream; then the frame's id is 0. Who does not know it says that it is over.
   */
  'invocationId'?: (string);
}

/**
 * Why an answer is no longer wanted.
 */
export interface Cancel__Output {
  /**
   * "client-closed", "deadline" or "shutdown".
   */
  'reason': (string);
  /**
   * Set for a call outside this stream; then the frame's id is 0. Who does not know it says that it is over.
   */
  'invocationId': (string);
}
