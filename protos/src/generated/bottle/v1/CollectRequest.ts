// Original file: bottle/v1/bottle.proto


/**
 * Which answer.
 */
export interface CollectRequest {
  /**
   * `Response.ticket`.
   */
  'ticket'?: (string);
}

/**
 * Which answer.
 */
export interface CollectRequest__Output {
  /**
   * `Response.ticket`.
   */
  'ticket': (string);
}
