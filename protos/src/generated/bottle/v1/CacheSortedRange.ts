// Original file: bottle/v1/cache.proto


/**
 * Part of a sorted set, by position or by score.
 */
export interface CacheSortedRange {
  /**
   * The sorted set.
   */
  'key'?: (string);
  /**
   * By score instead of position.
   */
  'byScore'?: (boolean);
  /**
   * First position (negative: from the end) or lowest score.
   */
  'start'?: (number | string);
  /**
   * Last position or highest score; both ends belong to the range.
   */
  'stop'?: (number | string);
  /**
   * Highest first. Positions then count from the highest.
   */
  'reverse'?: (boolean);
  /**
   * At most this many, by score only. 0: all.
   */
  'limit'?: (number);
  /**
   * How many to leave out at the beginning, by score only.
   */
  'offset'?: (number);
}

/**
 * Part of a sorted set, by position or by score.
 */
export interface CacheSortedRange__Output {
  /**
   * The sorted set.
   */
  'key': (string);
  /**
   * By score instead of position.
   */
  'byScore': (boolean);
  /**
   * First position (negative: from the end) or lowest score.
   */
  'start': (number);
  /**
   * Last position or highest score; both ends belong to the range.
   */
  'stop': (number);
  /**
   * Highest first. Positions then count from the highest.
   */
  'reverse': (boolean);
  /**
   * At most this many, by score only. 0: all.
   */
  'limit': (number);
  /**
   * How many to leave out at the beginning, by score only.
   */
  'offset': (number);
}
