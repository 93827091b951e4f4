// Original file: bottle/v1/cache.proto


/**
 * Takes from an end of a list.
 */
export interface CachePop {
  /**
   * The list.
   */
  'key'?: (string);
  /**
   * At most this many. 0: one.
   */
  'count'?: (number);
  /**
   * From the left end (the head) instead of the right one.
   */
  'left'?: (boolean);
}

/**
 * Takes from an end of a list.
 */
export interface CachePop__Output {
  /**
   * The list.
   */
  'key': (string);
  /**
   * At most this many. 0: one.
   */
  'count': (number);
  /**
   * From the left end (the head) instead of the right one.
   */
  'left': (boolean);
}
