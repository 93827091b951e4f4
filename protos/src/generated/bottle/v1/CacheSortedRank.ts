// Original file: bottle/v1/cache.proto


/**
 * Where a member stands.
 */
export interface CacheSortedRank {
  /**
   * The sorted set.
   */
  'key'?: (string);
  /**
   * The member.
   */
  'member'?: (Buffer | Uint8Array | string);
  /**
   * Count from the highest.
   */
  'reverse'?: (boolean);
}

/**
 * Where a member stands.
 */
export interface CacheSortedRank__Output {
  /**
   * The sorted set.
   */
  'key': (string);
  /**
   * The member.
   */
  'member': (Buffer);
  /**
   * Count from the highest.
   */
  'reverse': (boolean);
}
