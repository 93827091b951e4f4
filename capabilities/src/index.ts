export {
  type CallContext,
  type CallerProcess,
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
export { configCapability, switchesCapability } from './config/config-capability.ts';
export {
  type ConfigDriver,
  type ConfigRecord,
  type ConfigSetting,
  MAX_CONFIG_KEYS,
  MAX_REVISIONS,
} from './config/config-port.ts';
export { ConfigRevisions, noRecord, revisionConflict, tooManyKeys } from './config/config-revisions.ts';
export { createMemoryConfig } from './config/memory-config.ts';
export { TopicFanOut } from './cache/topic-fan-out.ts';
export { createMemoryCache, type MemoryCacheOptions } from './cache/memory-cache.ts';
export { databaseCapability } from './db/database-capability.ts';
export {
  type BeginOptions,
  type DatabaseDriver,
  type DatabaseTransaction,
  MAX_RESULT_BYTES,
  type RunOptions,
} from './db/database-port.ts';
export { commitUnknown, resultTooLarge, rolledBack } from './db/statement-errors.ts';
export { createSqliteDatabase, type SqliteDatabaseOptions } from './db/sqlite-database.ts';
export { isPlainSelect } from './db/plain-select.ts';
export { lockCapability } from './lock/lock-capability.ts';
export type { LockDriver, LockGrant, LockStore, LockWish } from './lock/lock-port.ts';
export { createMemoryLock, type MemoryLockOptions } from './lock/memory-lock.ts';
export { createMemoryState, type MemoryStateOptions } from './lock/memory-state.ts';
export type { Presence, SharedRecord, SharedState } from './lock/shared-state.ts';
export { createWaitingLocks, type WaitingLocksOptions } from './lock/waiting-locks.ts';
export { createEmbeddedQueue, type EmbeddedQueue, type EmbeddedQueueOptions } from './mq/embedded-queue.ts';
export { mqCapability } from './mq/mq-capability.ts';
export type {
  GroupPosition,
  PartitionState,
  BrokenBatch,
  QueueConsumer,
  QueueDriver,
  QueueHeader,
  QueueListener,
  QueueMessage,
  QueueReceipt,
  QueueRecord,
  QueueSubscription,
  Reached,
  TopicSettings,
} from './mq/mq-port.ts';
export { decodeAhead, encodeAhead, type OffsetRange } from './mq/offset-ranges.ts';
export { assertPartition, partitionOfKey } from './mq/partitioning.ts';
export { createHandlerUpstream, type HandlerUpstreamOptions, type HttpHandler } from './http/handler-upstream.ts';
export { httpCapability } from './http/http-capability.ts';
export type { HttpAnswer, HttpDriver, HttpFetch, RedirectMode } from './http/http-port.ts';
export { isBelow, resolveUpstreamUrl } from './http/upstream-url.ts';
export { createMemoryObjects } from './objects/memory-objects.ts';
export { objectExists } from './objects/object-exists.ts';
export { badRange, resolveObjectRange } from './objects/object-range.ts';
export { objectsCapability } from './objects/objects-capability.ts';
export type {
  ObjectDescription,
  ObjectDownload,
  ObjectEntry,
  ObjectGrant,
  ObjectRange,
  ObjectSelection,
  ObjectsDriver,
  ObjectUpload,
} from './objects/objects-port.ts';
export { createMemorySecrets, secretTooLarge } from './secrets/memory-secrets.ts';
export { isSecretKey } from './secrets/secret-key.ts';
export { secretsCapability } from './secrets/secrets-capability.ts';
export { MAX_SECRET_BYTES, type SecretsDriver } from './secrets/secrets-port.ts';
export { rpcCapability } from './rpc/rpc-capability.ts';
export type { RpcDriver } from './rpc/rpc-port.ts';
