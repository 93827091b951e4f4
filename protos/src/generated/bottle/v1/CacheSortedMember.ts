// Original file: bottle/v1/cache.proto


/**
 * A member of a sorted set.
 */
export interface CacheSortedMember {
  /**
   * The member.
   */
  'member'?: (Buffer | Uint8Array | string);
  /**
   * What it is sorted by.
   */
  'score'?: (number | string);
}

/**
 * A member of a sorted set.
 */
export interface CacheSortedMember__Output {
  /**
   * The member.
   */
  'member': (Buffer);
  /**
   * What it is sorted by.
   */
  'score': (number);
}
