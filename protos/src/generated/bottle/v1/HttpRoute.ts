// Original file: bottle/v1/channel.proto


/**
 * Requests that a function answers.
 */
export interface HttpRoute {
  /**
   * Upper-case; empty means any.
   */
  'methods'?: (string)[];
  /**
   * "/items/:id", "/files/*".
   */
  'path'?: (string);
  /**
   * "shop.example.com", "*.example.com"; empty means any.
   */
  'host'?: (string);
  /**
   * The function wants the request body as a stream, not collected.
   */
  'stream'?: (boolean);
  /**
   * Lowers the function's timeout for this route. 0: it does not.
   */
  'timeoutMs'?: (number);
}

/**
 * Requests that a function answers.
 */
export interface HttpRoute__Output {
  /**
   * Upper-case; empty means any.
   */
  'methods': (string)[];
  /**
   * "/items/:id", "/files/*".
   */
  'path': (string);
  /**
   * "shop.example.com", "*.example.com"; empty means any.
   */
  'host': (string);
  /**
   * The function wants the request body as a stream, not collected.
   */
  'stream': (boolean);
  /**
   * Lowers the function's timeout for this route. 0: it does not.
   */
  'timeoutMs': (number);
}
