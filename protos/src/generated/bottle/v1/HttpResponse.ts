// Original file: bottle/v1/channel.proto


/**
 * The head of an answer to an HTTP invocation.
 */
export interface HttpResponse {
  /**
   * 100–599.
   */
  'status'?: (number);
  /**
   * Alternating lower-case name and value, repeats kept (several set-cookie).
   */
  'headers'?: (string)[];
}

/**
 * The head of an answer to an HTTP invocation.
 */
export interface HttpResponse__Output {
  /**
   * 100–599.
   */
  'status': (number);
  /**
   * Alternating lower-case name and value, repeats kept (several set-cookie).
   */
  'headers': (string)[];
}
