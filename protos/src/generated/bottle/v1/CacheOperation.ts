// Original file: bottle/v1/cache.proto

import type { CacheKey as _bottle_v1_CacheKey, CacheKey__Output as _bottle_v1_CacheKey__Output } from '../../bottle/v1/CacheKey.ts';
import type { CacheSet as _bottle_v1_CacheSet, CacheSet__Output as _bottle_v1_CacheSet__Output } from '../../bottle/v1/CacheSet.ts';
import type { CacheKeys as _bottle_v1_CacheKeys, CacheKeys__Output as _bottle_v1_CacheKeys__Output } from '../../bottle/v1/CacheKeys.ts';
import type { CacheExpire as _bottle_v1_CacheExpire, CacheExpire__Output as _bottle_v1_CacheExpire__Output } from '../../bottle/v1/CacheExpire.ts';
import type { CacheIncrement as _bottle_v1_CacheIncrement, CacheIncrement__Output as _bottle_v1_CacheIncrement__Output } from '../../bottle/v1/CacheIncrement.ts';
import type { CacheSetMany as _bottle_v1_CacheSetMany, CacheSetMany__Output as _bottle_v1_CacheSetMany__Output } from '../../bottle/v1/CacheSetMany.ts';
import type { CacheScan as _bottle_v1_CacheScan, CacheScan__Output as _bottle_v1_CacheScan__Output } from '../../bottle/v1/CacheScan.ts';
import type { CacheField as _bottle_v1_CacheField, CacheField__Output as _bottle_v1_CacheField__Output } from '../../bottle/v1/CacheField.ts';
import type { CacheHashSet as _bottle_v1_CacheHashSet, CacheHashSet__Output as _bottle_v1_CacheHashSet__Output } from '../../bottle/v1/CacheHashSet.ts';
import type { CacheMembers as _bottle_v1_CacheMembers, CacheMembers__Output as _bottle_v1_CacheMembers__Output } from '../../bottle/v1/CacheMembers.ts';
import type { CacheFieldIncrement as _bottle_v1_CacheFieldIncrement, CacheFieldIncrement__Output as _bottle_v1_CacheFieldIncrement__Output } from '../../bottle/v1/CacheFieldIncrement.ts';
import type { CachePush as _bottle_v1_CachePush, CachePush__Output as _bottle_v1_CachePush__Output } from '../../bottle/v1/CachePush.ts';
import type { CachePop as _bottle_v1_CachePop, CachePop__Output as _bottle_v1_CachePop__Output } from '../../bottle/v1/CachePop.ts';
import type { CacheRange as _bottle_v1_CacheRange, CacheRange__Output as _bottle_v1_CacheRange__Output } from '../../bottle/v1/CacheRange.ts';
import type { CacheSortedAdd as _bottle_v1_CacheSortedAdd, CacheSortedAdd__Output as _bottle_v1_CacheSortedAdd__Output } from '../../bottle/v1/CacheSortedAdd.ts';
import type { CacheSortedIncrement as _bottle_v1_CacheSortedIncrement, CacheSortedIncrement__Output as _bottle_v1_CacheSortedIncrement__Output } from '../../bottle/v1/CacheSortedIncrement.ts';
import type { CacheSortedRange as _bottle_v1_CacheSortedRange, CacheSortedRange__Output as _bottle_v1_CacheSortedRange__Output } from '../../bottle/v1/CacheSortedRange.ts';
import type { CacheSortedRank as _bottle_v1_CacheSortedRank, CacheSortedRank__Output as _bottle_v1_CacheSortedRank__Output } from '../../bottle/v1/CacheSortedRank.ts';
import type { CacheScript as _bottle_v1_CacheScript, CacheScript__Output as _bottle_v1_CacheScript__Output } from '../../bottle/v1/CacheScript.ts';
import type { CacheMessage as _bottle_v1_CacheMessage, CacheMessage__Output as _bottle_v1_CacheMessage__Output } from '../../bottle/v1/CacheMessage.ts';
import type { CacheCommand as _bottle_v1_CacheCommand, CacheCommand__Output as _bottle_v1_CacheCommand__Output } from '../../bottle/v1/CacheCommand.ts';

/**
 * Exactly one operation.
 */
export interface CacheOperation {
  /**
   * Answers `value`, or nothing when there is no such key.
   */
  'get'?: (_bottle_v1_CacheKey | null);
  /**
   * Answers `applied`; with `return_old` the former `value` as well.
   */
  'set'?: (_bottle_v1_CacheSet | null);
  /**
   * Answers `count`: how many keys there were.
   */
  'delete'?: (_bottle_v1_CacheKeys | null);
  /**
   * Answers `count`: how many of the keys there are.
   */
  'exists'?: (_bottle_v1_CacheKeys | null);
  /**
   * Answers `applied`: false when there is no such key.
   */
  'expire'?: (_bottle_v1_CacheExpire | null);
  /**
   * Answers `applied`: false when there is no such key or it did not expire anyway.
   */
  'persist'?: (_bottle_v1_CacheKey | null);
  /**
   * Answers `count`: milliseconds left, -1 when it does not expire, -2 when there is no such key.
   */
  'timeToLive'?: (_bottle_v1_CacheKey | null);
  /**
   * Answers `count`: the number after the addition. Fails on what is not a whole number.
   */
  'increment'?: (_bottle_v1_CacheIncrement | null);
  /**
   * Answers `values`, one for each key, in order.
   */
  'getMany'?: (_bottle_v1_CacheKeys | null);
  /**
   * Answers `applied`.
   */
  'setMany'?: (_bottle_v1_CacheSetMany | null);
  /**
   * Answers `page`.
   */
  'scan'?: (_bottle_v1_CacheScan | null);
  /**
   * Answers `value`.
   */
  'hashGet'?: (_bottle_v1_CacheField | null);
  /**
   * Answers `count`: how many fields are new.
   */
  'hashSet'?: (_bottle_v1_CacheHashSet | null);
  /**
   * Answers `count`: how many fields there were.
   */
  'hashDelete'?: (_bottle_v1_CacheMembers | null);
  /**
   * Answers `values`: field and value in turn.
   */
  'hashEntries'?: (_bottle_v1_CacheKey | null);
  /**
   * Answers `values`, one for each field, in order.
   */
  'hashGetMany'?: (_bottle_v1_CacheMembers | null);
  /**
   * Answers `count`: the number after the addition.
   */
  'hashIncrement'?: (_bottle_v1_CacheFieldIncrement | null);
  /**
   * Answers `count`.
   */
  'hashLength'?: (_bottle_v1_CacheKey | null);
  /**
   * Answers `applied`: whether there is such a field.
   */
  'hashHas'?: (_bottle_v1_CacheField | null);
  /**
   * Answers `count`: the length afterwards.
   */
  'listPush'?: (_bottle_v1_CachePush | null);
  /**
   * Answers `values`: what was taken.
   */
  'listPop'?: (_bottle_v1_CachePop | null);
  /**
   * Answers `values`.
   */
  'listRange'?: (_bottle_v1_CacheRange | null);
  /**
   * Answers `count`.
   */
  'listLength'?: (_bottle_v1_CacheKey | null);
  /**
   * Answers `applied`.
   */
  'listTrim'?: (_bottle_v1_CacheRange | null);
  /**
   * Answers `count`: how many members are new.
   */
  'setAdd'?: (_bottle_v1_CacheMembers | null);
  /**
   * Answers `count`: how many members there were.
   */
  'setRemove'?: (_bottle_v1_CacheMembers | null);
  /**
   * Answers `applied`.
   */
  'setHas'?: (_bottle_v1_CacheField | null);
  /**
   * Answers `values`.
   */
  'setMembers'?: (_bottle_v1_CacheKey | null);
  /**
   * Answers `count`.
   */
  'setSize'?: (_bottle_v1_CacheKey | null);
  /**
   * Answers `count`: how many members are new.
   */
  'sortedAdd'?: (_bottle_v1_CacheSortedAdd | null);
  /**
   * Answers `count`: how many members there were.
   */
  'sortedRemove'?: (_bottle_v1_CacheMembers | null);
  /**
   * Answers `score`, or nothing when there is no such member.
   */
  'sortedScore'?: (_bottle_v1_CacheField | null);
  /**
   * Answers `score`: the one after the addition.
   */
  'sortedIncrement'?: (_bottle_v1_CacheSortedIncrement | null);
  /**
   * Answers `members`.
   */
  'sortedRange'?: (_bottle_v1_CacheSortedRange | null);
  /**
   * Answers `count`, or nothing when there is no such member.
   */
  'sortedRank'?: (_bottle_v1_CacheSortedRank | null);
  /**
   * Answers `count`.
   */
  'sortedSize'?: (_bottle_v1_CacheKey | null);
  /**
   * Answers `reply`.
   */
  'script'?: (_bottle_v1_CacheScript | null);
  /**
   * Answers `count`: how many subscribers got it, as far as the store knows.
   */
  'publish'?: (_bottle_v1_CacheMessage | null);
  /**
   * Answers `reply`. Whatever else the store can do, by its own name.
   */
  'command'?: (_bottle_v1_CacheCommand | null);
  'operation'?: "get"|"set"|"delete"|"exists"|"expire"|"persist"|"timeToLive"|"increment"|"getMany"|"setMany"|"scan"|"hashGet"|"hashSet"|"hashDelete"|"hashEntries"|"hashGetMany"|"hashIncrement"|"hashLength"|"hashHas"|"listPush"|"listPop"|"listRange"|"listLength"|"listTrim"|"setAdd"|"setRemove"|"setHas"|"setMembers"|"setSize"|"sortedAdd"|"sortedRemove"|"sortedScore"|"sortedIncrement"|"sortedRange"|"sortedRank"|"sortedSize"|"script"|"publish"|"command";
}

/**
 * Exactly one operation.
 */
export interface CacheOperation__Output {
  /**
   * Answers `value`, or nothing when there is no such key.
   */
  'get'?: (_bottle_v1_CacheKey__Output | null);
  /**
   * Answers `applied`; with `return_old` the former `value` as well.
   */
  'set'?: (_bottle_v1_CacheSet__Output | null);
  /**
   * Answers `count`: how many keys there were.
   */
  'delete'?: (_bottle_v1_CacheKeys__Output | null);
  /**
   * Answers `count`: how many of the keys there are.
   */
  'exists'?: (_bottle_v1_CacheKeys__Output | null);
  /**
   * Answers `applied`: false when there is no such key.
   */
  'expire'?: (_bottle_v1_CacheExpire__Output | null);
  /**
   * Answers `applied`: false when there is no such key or it did not expire anyway.
   */
  'persist'?: (_bottle_v1_CacheKey__Output | null);
  /**
   * Answers `count`: milliseconds left, -1 when it does not expire, -2 when there is no such key.
   */
  'timeToLive'?: (_bottle_v1_CacheKey__Output | null);
  /**
   * Answers `count`: the number after the addition. Fails on what is not a whole number.
   */
  'increment'?: (_bottle_v1_CacheIncrement__Output | null);
  /**
   * Answers `values`, one for each key, in order.
   */
  'getMany'?: (_bottle_v1_CacheKeys__Output | null);
  /**
   * Answers `applied`.
   */
  'setMany'?: (_bottle_v1_CacheSetMany__Output | null);
  /**
   * Answers `page`.
   */
  'scan'?: (_bottle_v1_CacheScan__Output | null);
  /**
   * Answers `value`.
   */
  'hashGet'?: (_bottle_v1_CacheField__Output | null);
  /**
   * Answers `count`: how many fields are new.
   */
  'hashSet'?: (_bottle_v1_CacheHashSet__Output | null);
  /**
   * Answers `count`: how many fields there were.
   */
  'hashDelete'?: (_bottle_v1_CacheMembers__Output | null);
  /**
   * Answers `values`: field and value in turn.
   */
  'hashEntries'?: (_bottle_v1_CacheKey__Output | null);
  /**
   * Answers `values`, one for each field, in order.
   */
  'hashGetMany'?: (_bottle_v1_CacheMembers__Output | null);
  /**
   * Answers `count`: the number after the addition.
   */
  'hashIncrement'?: (_bottle_v1_CacheFieldIncrement__Output | null);
  /**
   * Answers `count`.
   */
  'hashLength'?: (_bottle_v1_CacheKey__Output | null);
  /**
   * Answers `applied`: whether there is such a field.
   */
  'hashHas'?: (_bottle_v1_CacheField__Output | null);
  /**
   * Answers `count`: the length afterwards.
   */
  'listPush'?: (_bottle_v1_CachePush__Output | null);
  /**
   * Answers `values`: what was taken.
   */
  'listPop'?: (_bottle_v1_CachePop__Output | null);
  /**
   * Answers `values`.
   */
  'listRange'?: (_bottle_v1_CacheRange__Output | null);
  /**
   * Answers `count`.
   */
  'listLength'?: (_bottle_v1_CacheKey__Output | null);
  /**
   * Answers `applied`.
   */
  'listTrim'?: (_bottle_v1_CacheRange__Output | null);
  /**
   * Answers `count`: how many members are new.
   */
  'setAdd'?: (_bottle_v1_CacheMembers__Output | null);
  /**
   * Answers `count`: how many members there were.
   */
  'setRemove'?: (_bottle_v1_CacheMembers__Output | null);
  /**
   * Answers `applied`.
   */
  'setHas'?: (_bottle_v1_CacheField__Output | null);
  /**
   * Answers `values`.
   */
  'setMembers'?: (_bottle_v1_CacheKey__Output | null);
  /**
   * Answers `count`.
   */
  'setSize'?: (_bottle_v1_CacheKey__Output | null);
  /**
   * Answers `count`: how many members are new.
   */
  'sortedAdd'?: (_bottle_v1_CacheSortedAdd__Output | null);
  /**
   * Answers `count`: how many members there were.
   */
  'sortedRemove'?: (_bottle_v1_CacheMembers__Output | null);
  /**
   * Answers `score`, or nothing when there is no such member.
   */
  'sortedScore'?: (_bottle_v1_CacheField__Output | null);
  /**
   * Answers `score`: the one after the addition.
   */
  'sortedIncrement'?: (_bottle_v1_CacheSortedIncrement__Output | null);
  /**
   * Answers `members`.
   */
  'sortedRange'?: (_bottle_v1_CacheSortedRange__Output | null);
  /**
   * Answers `count`, or nothing when there is no such member.
   */
  'sortedRank'?: (_bottle_v1_CacheSortedRank__Output | null);
  /**
   * Answers `count`.
   */
  'sortedSize'?: (_bottle_v1_CacheKey__Output | null);
  /**
   * Answers `reply`.
   */
  'script'?: (_bottle_v1_CacheScript__Output | null);
  /**
   * Answers `count`: how many subscribers got it, as far as the store knows.
   */
  'publish'?: (_bottle_v1_CacheMessage__Output | null);
  /**
   * Answers `reply`. Whatever else the store can do, by its own name.
   */
  'command'?: (_bottle_v1_CacheCommand__Output | null);
  'operation'?: "get"|"set"|"delete"|"exists"|"expire"|"persist"|"timeToLive"|"increment"|"getMany"|"setMany"|"scan"|"hashGet"|"hashSet"|"hashDelete"|"hashEntries"|"hashGetMany"|"hashIncrement"|"hashLength"|"hashHas"|"listPush"|"listPop"|"listRange"|"listLength"|"listTrim"|"setAdd"|"setRemove"|"setHas"|"setMembers"|"setSize"|"sortedAdd"|"sortedRemove"|"sortedScore"|"sortedIncrement"|"sortedRange"|"sortedRank"|"sortedSize"|"script"|"publish"|"command";
}
