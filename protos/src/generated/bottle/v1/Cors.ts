// Original file: bottle/v1/triggers.proto


/**
 * Pages of other origins that may use a route: what its answers say to browsers.
 */
export interface Cors {
  /**
   * "https://shop.example.com", "https://*.example.com" (any host below), "http://localhost:*"; "*": all of them.
   */
  'origins'?: (string)[];
  /**
   * Upper-case; empty: those that the path answers.
   */
  'methods'?: (string)[];
  /**
   * Request fields that a page may set; empty: whichever it asks for.
   */
  'headers'?: (string)[];
  /**
   * Response fields that a page may read besides those that it may anyway.
   */
  'exposedHeaders'?: (string)[];
  /**
   * A page may send the user's cookies along. Never with the origin "*".
   */
  'allowCredentials'?: (boolean);
  /**
   * How long a browser need not ask again, in seconds; absent: it decides.
   */
  'maxAgeSec'?: (number);
  '_maxAgeSec'?: "maxAgeSec";
}

/**
 * Pages of other origins that may use a route: what its answers say to browsers.
 */
export interface Cors__Output {
  /**
   * "https://shop.example.com", "https://*.example.com" (any host below), "http://localhost:*"; "*": all of them.
   */
  'origins': (string)[];
  /**
   * Upper-case; empty: those that the path answers.
   */
  'methods': (string)[];
  /**
   * Request fields that a page may set; empty: whichever it asks for.
   */
  'headers': (string)[];
  /**
   * Response fields that a page may read besides those that it may anyway.
   */
  'exposedHeaders': (string)[];
  /**
   * A page may send the user's cookies along. Never with the origin "*".
   */
  'allowCredentials': (boolean);
  /**
   * How long a browser need not ask again, in seconds; absent: it decides.
   */
  'maxAgeSec'?: (number);
  '_maxAgeSec'?: "maxAgeSec";
}
