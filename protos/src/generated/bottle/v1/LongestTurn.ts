// Original file: bottle/v1/ping.proto


/**
 * A turn of an event loop during which nothing else could happen.
 */
export interface LongestTurn {
  /**
   * What took the time: "function:<name>", "other".
   */
  'cause'?: (string);
  /**
   * How long it took.
   */
  'seconds'?: (number | string);
}

/**
 * A turn of an event loop during which nothing else could happen.
 */
export interface LongestTurn__Output {
  /**
   * What took the time: "function:<name>", "other".
   */
  'cause': (string);
  /**
   * How long it took.
   */
  'seconds': (number);
}
