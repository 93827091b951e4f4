// Original file: bottle/v1/objects.proto


/**
 * What a URL is for.
 */
export interface ObjectPresign {
  /**
   * Of the object.
   */
  'key'?: (string);
  /**
   * "GET" or "PUT".
   */
  'method'?: (string);
  /**
   * How long it holds, in seconds: at most seven days.
   */
  'expiresSec'?: (number);
  /**
   * Of a PUT: the content type that must be sent. Empty: any.
   */
  'contentType'?: (string);
}

/**
 * What a URL is for.
 */
export interface ObjectPresign__Output {
  /**
   * Of the object.
   */
  'key': (string);
  /**
   * "GET" or "PUT".
   */
  'method': (string);
  /**
   * How long it holds, in seconds: at most seven days.
   */
  'expiresSec': (number);
  /**
   * Of a PUT: the content type that must be sent. Empty: any.
   */
  'contentType': (string);
}
