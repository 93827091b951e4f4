// Original file: bottle/v1/cache.proto


/**
 * Adds to an end of a list.
 */
export interface CachePush {
  /**
   * The list.
   */
  'key'?: (string);
  /**
   * Added one after the other.
   */
  'values'?: (Buffer | Uint8Array | string)[];
  /**
   * At the left end (the head) instead of the right one.
   */
  'left'?: (boolean);
}

/**
 * Adds to an end of a list.
 */
export interface CachePush__Output {
  /**
   * The list.
   */
  'key': (string);
  /**
   * Added one after the other.
   */
  'values': (Buffer)[];
  /**
   * At the left end (the head) instead of the right one.
   */
  'left': (boolean);
}
