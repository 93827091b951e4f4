// Original file: bottle/v1/http.proto


/**
 * The head of an answer.
 */
export interface HttpFetchResponse {
  /**
   * 200–599.
   */
  'status'?: (number);
  /**
   * As the server put it.
   */
  'statusText'?: (string);
  /**
   * Alternating lower-case name and value, repeats kept.
   */
  'headers'?: (string)[];
  /**
   * Where it came from after redirects.
   */
  'url'?: (string);
  /**
   * Whether there were any.
   */
  'redirected'?: (boolean);
}

/**
 * The head of an answer.
 */
export interface HttpFetchResponse__Output {
  /**
   * 200–599.
   */
  'status': (number);
  /**
   * As the server put it.
   */
  'statusText': (string);
  /**
   * Alternating lower-case name and value, repeats kept.
   */
  'headers': (string)[];
  /**
   * Where it came from after redirects.
   */
  'url': (string);
  /**
   * Whether there were any.
   */
  'redirected': (boolean);
}
