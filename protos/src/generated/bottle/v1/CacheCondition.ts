// Original file: bottle/v1/cache.proto

/**
 * When a value is stored.
 */
export const CacheCondition = {
  /**
   * In any case.
   */
  CACHE_CONDITION_ALWAYS: 'CACHE_CONDITION_ALWAYS',
  /**
   * Only where there is none.
   */
  CACHE_CONDITION_IF_ABSENT: 'CACHE_CONDITION_IF_ABSENT',
  /**
   * Only where there is one.
   */
  CACHE_CONDITION_IF_PRESENT: 'CACHE_CONDITION_IF_PRESENT',
} as const;

/**
 * When a value is stored.
 */
export type CacheCondition =
  /**
   * In any case.
   */
  | 'CACHE_CONDITION_ALWAYS'
  | 0
  /**
   * Only where there is none.
   */
  | 'CACHE_CONDITION_IF_ABSENT'
  | 1
  /**
   * Only where there is one.
   */
  | 'CACHE_CONDITION_IF_PRESENT'
  | 2

/**
 * When a value is stored.
 */
export type CacheCondition__Output = typeof CacheCondition[keyof typeof CacheCondition]
