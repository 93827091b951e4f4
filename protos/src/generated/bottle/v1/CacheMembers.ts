// Original file: bottle/v1/cache.proto


/**
 * Fields of a hash, or members of a set.
 */
export interface CacheMembers {
  /**
   * The collection.
   */
  'key'?: (string);
  /**
   * Fields or members.
   */
  'members'?: (Buffer | Uint8Array | string)[];
}

/**
 * Fields of a hash, or members of a set.
 */
export interface CacheMembers__Output {
  /**
   * The collection.
   */
  'key': (string);
  /**
   * Fields or members.
   */
  'members': (Buffer)[];
}
