// Original file: bottle/v1/channel.proto


/**
 * The head of an HTTP request as the client sent it, hop-by-hop fields removed.
 */
export interface HttpRequest {
  /**
   * Upper case.
   */
  'method'?: (string);
  /**
   * Path and query, undecoded: "/items/a%2Fb?q=1&q=2".
   */
  'url'?: (string);
  /**
   * Path parameters of the matched route, alternating name and decoded value.
   */
  'params'?: (string)[];
  /**
   * Alternating lower-case name and value, in the order received, repeats kept.
   */
  'headers'?: (string)[];
  /**
   * The client's address as the socket shows it.
   */
  'remoteAddress'?: (string);
  /**
   * The path pattern that matched: "/items/:id".
   */
  'route'?: (string);
}

/**
 * The head of an HTTP request as the client sent it, hop-by-hop fields removed.
 */
export interface HttpRequest__Output {
  /**
   * Upper case.
   */
  'method': (string);
  /**
   * Path and query, undecoded: "/items/a%2Fb?q=1&q=2".
   */
  'url': (string);
  /**
   * Path parameters of the matched route, alternating name and decoded value.
   */
  'params': (string)[];
  /**
   * Alternating lower-case name and value, in the order received, repeats kept.
   */
  'headers': (string)[];
  /**
   * The client's address as the socket shows it.
   */
  'remoteAddress': (string);
  /**
   * The path pattern that matched: "/items/:id".
   */
  'route': (string);
}
