// Original file: bottle/v1/channel.proto


/**
 * Bytes of a streamed response that have left the caller, for a client that reads them.
 */
export interface Taken {
  /**
   * Whose response it is.
   */
  'invocationId'?: (string);
  /**
   * Since it was said last.
   */
  'bytes'?: (number);
}

/**
 * Bytes of a streamed response that have left the caller, for a client that reads them.
 */
export interface Taken__Output {
  /**
   * Whose response it is.
   */
  'invocationId': (string);
  /**
   * Since it was said last.
   */
  'bytes': (number);
}
