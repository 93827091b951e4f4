// Original file: bottle/v1/channel.proto


/**
 * Calls that have begun.
 */
export interface Started {
  /**
   * Of this stream.
   */
  'ids'?: (number)[];
  /**
   * Of calls outside it, by their invocation.
   */
  'invocationIds'?: (string)[];
}

/**
 * Calls that have begun.
 */
export interface Started__Output {
  /**
   * Of this stream.
   */
  'ids': (number)[];
  /**
   * Of calls outside it, by their invocation.
   */
  'invocationIds': (string)[];
}
