// Original file: bottle/v1/cache.proto


/**
 * Adds to a member's score.
 */
export interface CacheSortedIncrement {
  /**
   * The sorted set.
   */
  'key'?: (string);
  /**
   * The member; none counts as 0.
   */
  'member'?: (Buffer | Uint8Array | string);
  /**
   * May be negative.
   */
  'by'?: (number | string);
}

/**
 * Adds to a member's score.
 */
export interface CacheSortedIncrement__Output {
  /**
   * The sorted set.
   */
  'key': (string);
  /**
   * The member; none counts as 0.
   */
  'member': (Buffer);
  /**
   * May be negative.
   */
  'by': (number);
}
