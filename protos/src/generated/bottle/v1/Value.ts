// Original file: bottle/v1/channel.proto


export interface Value {
  /**
   * Media type of the body. Empty: application/json.
   */
  'contentType'?: (string);
}

export interface Value__Output {
  /**
   * Media type of the body. Empty: application/json.
   */
  'contentType': (string);
}
