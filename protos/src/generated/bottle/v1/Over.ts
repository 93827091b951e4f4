// Original file: bottle/v1/channel.proto


/**
 * A call is over.
 */
export interface Over {
  /**
   * Set for a call outside this stream; then the frame's id is 0.
   */
  'invocationId'?: (string);
}

/**
 * A call is over.
 */
export interface Over__Output {
  /**
   * Set for a call outside this stream; then the frame's id is 0.
   */
  'invocationId': (string);
}
