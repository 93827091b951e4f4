// Original file: bottle/v1/channel.proto


/**
 * What the body of any other answer is.
 */
export interface Value {
  /**
   * Media type of the body. Empty: application/json.
   */
  'contentType'?: (string);
}

/**
 * What the body of any other answer is.
 */
export interface Value__Output {
  /**
   * Media type of the body. Empty: application/json.
   */
  'contentType': (string);
}
