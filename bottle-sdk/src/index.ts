export {
  BottleError,
  type BottleErrorOptions,
  Code,
  type Switch,
  type SwitchComparison,
  type SwitchCondition,
  type SwitchRule,
  type SwitchScalar,
} from '@bottle/protos';
export { type Bottle, bottle, createBottle } from './bottle.ts';
export { CacheClient, type RawReply, type ScanOptions, type SetOptions } from './cache/cache-client.ts';
export {
  CacheHash,
  CacheList,
  CacheSet,
  CacheSortedSet,
  type RangeOptions,
  type Scored,
} from './cache/cache-collections.ts';
export { CacheTransaction } from './cache/cache-transaction.ts';
export type { Codec } from './cache/codecs.ts';
export type { ThroughOptions } from './cache/through.ts';
export type { InvalidValue } from './config/check-value.ts';
export {
  type ConfigChangeOptions,
  ConfigClient,
  type ConfigOptions,
  type ConfigVersion,
} from './config/config-client.ts';
export type { SwitchAttributes } from './config/evaluate-switch.ts';
export { SwitchesClient, type SwitchOptions, type SwitchSnapshot } from './config/switches-client.ts';
export type {
  CookieOptions,
  Cookies,
  FaaSContext,
  FaaSHttpContext,
  FaaSLogger,
  FaaSRequest,
  OneOrMany,
} from './context.ts';
export { defineFunction, type EventFunction, type HttpFunction } from './define-function.ts';
export { defineLayer, type Layer, type LayerEngine, type LifecycleHooks, type RuntimeInfo } from './layer.ts';
export type { Duration } from './duration.ts';
export type { CallOptions } from './resource-calls.ts';
export type { RpcClient } from './rpc/rpc-client.ts';
export {
  type BottleScope,
  currentScope,
  findScope,
  type ProcessScope,
  runInScope,
  type ScopedCall,
  type ScopedStream,
  type ScopeOptions,
  withScope,
} from './scope.ts';
