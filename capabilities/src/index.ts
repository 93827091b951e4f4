export {
  type CallContext,
  type CallFacts,
  type Capability,
  type Driver,
  firstOf,
  type Method,
  type StreamMethod,
  type UnaryMethod,
} from './capability.ts';
export { cacheCapability } from './cache/cache-capability.ts';
export type { CacheDriver, Command, Reply, ScanPage, Subscriber } from './cache/cache-port.ts';
export { createMemoryCache, type MemoryCacheOptions } from './cache/memory-cache.ts';
export { rpcCapability } from './rpc/rpc-capability.ts';
export type { RpcDriver } from './rpc/rpc-port.ts';
