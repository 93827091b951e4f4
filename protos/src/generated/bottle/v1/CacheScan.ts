// Original file: bottle/v1/cache.proto


/**
 * Reads keys in no particular order. A key that is there from the first page to the last is returned at least once.
 */
export interface CacheScan {
  /**
   * Empty at first, then what the page before said.
   */
  'cursor'?: (string);
  /**
   * Redis glob: "cart:*". Empty: all.
   */
  'match'?: (string);
  /**
   * How many to look at, about. 0: 100.
   */
  'count'?: (number);
}

/**
 * Reads keys in no particular order. A key that is there from the first page to the last is returned at least once.
 */
export interface CacheScan__Output {
  /**
   * Empty at first, then what the page before said.
   */
  'cursor': (string);
  /**
   * Redis glob: "cart:*". Empty: all.
   */
  'match': (string);
  /**
   * How many to look at, about. 0: 100.
   */
  'count': (number);
}
