// Original file: bottle/v1/http.proto


/**
 * The head of a request.
 */
export interface HttpFetchRequest {
  /**
   * Upper case.
   */
  'method'?: (string);
  /**
   * A path below the upstream's base URL, with its query; or a whole URL, where the upstream allows that.
   */
  'url'?: (string);
  /**
   * Alternating lower-case name and value.
   */
  'headers'?: (string)[];
  /**
   * Chunks follow.
   */
  'hasBody'?: (boolean);
  /**
   * "follow", "error" or "manual", as in the Fetch standard. Empty: follow.
   */
  'redirect'?: (string);
}

/**
 * The head of a request.
 */
export interface HttpFetchRequest__Output {
  /**
   * Upper case.
   */
  'method': (string);
  /**
   * A path below the upstream's base URL, with its query; or a whole URL, where the upstream allows that.
   */
  'url': (string);
  /**
   * Alternating lower-case name and value.
   */
  'headers': (string)[];
  /**
   * Chunks follow.
   */
  'hasBody': (boolean);
  /**
   * "follow", "error" or "manual", as in the Fetch standard. Empty: follow.
   */
  'redirect': (string);
}
