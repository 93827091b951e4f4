export {
  BottleError,
  type BottleErrorOptions,
  CallError,
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
export { type WithUnreadable, UnreadableValue } from './cache/unreadable-value.ts';
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
  FaaSGatewayContext,
  FaaSHttpContext,
  FaaSLogger,
  FaaSRequest,
  FaaSRpcContext,
  FormRequest,
  OneOrMany,
  SendFileOptions,
  RpcCallInfo,
  RpcValues,
} from './context.ts';
export { Database, type DatabaseOptions, type TransactionOptions } from './db/database-client.ts';
export type { DbParameter, SqlJson } from './db/parameters.ts';
export type { DbResult, DbRow } from './db/rows.ts';
export { sql, type SqlFragment, type SqlHelpers, type SqlInput } from './db/sql-fragment.ts';
export type { SqlQuery } from './db/sql-query.ts';
export type { BatchResult, SqlTag, Statements } from './db/statements.ts';
export type { Transaction } from './db/transaction.ts';
export {
  defineFunction,
  type DefineFunction,
  type EventFunction,
  type FunctionHandler,
  type HttpFunction,
  type InputOptions,
} from './define-function.ts';
export type { HttpClient, JsonRequestInit } from './http/http-client.ts';
export type { HttpBody, HttpRequestInit } from './http/request-frames.ts';
export {
  defineLayer,
  type HealthCheck,
  type Layer,
  type LayerEngine,
  type LifecycleHooks,
  type RuntimeInfo,
} from './layer.ts';
export { Lock } from './lock/held-lock.ts';
export { type AcquireOptions, LockClient } from './lock/lock-client.ts';
export type { HeaderValue, MessageHeaders } from './mq/message-headers.ts';
export {
  type MessageOptions,
  MqClient,
  type OutgoingMessage,
  type PublishOptions,
  type Receipt,
} from './mq/mq-client.ts';
export type { ObjectBody } from './objects/object-body.ts';
export {
  type GetOptions,
  type ListOptions,
  type ObjectPage,
  ObjectsClient,
  type PresignOptions,
  type PutOptions,
} from './objects/objects-client.ts';
export type { ObjectEntry, ObjectInfo, StoredObject } from './objects/stored-object.ts';
export type { Duration } from './duration.ts';
export type { FormOptions } from './form/form-options.ts';
export type { CallOptions } from './resource-calls.ts';
export type { FunctionClient, Jsonified, RemoteFunction } from './rpc/functions-client.ts';
export type {
  BidiStreamClient,
  ClientStreamClient,
  GrpcCallOptions,
  GrpcClient,
  GrpcMethod,
  GrpcServiceDefinition,
  ServerStreamClient,
  UnaryMethodClient,
} from './rpc/grpc-client.ts';
export { fromEntries as metadataOf, type GrpcMetadata, type ReceivedMetadata } from './rpc/grpc-metadata.ts';
export type { RpcClient } from './rpc/rpc-client.ts';
export type { ProtoSource } from './rpc/service-client.ts';
export { SecretsClient } from './secrets/secrets-client.ts';
export type { CloudEvent } from './triggers/cloud-event.ts';
export { DropError, RetryError, type RetryOptions } from './triggers/message-errors.ts';
export type { MqMessage, RawHeader } from './triggers/mq-message.ts';
export type { TimerTick } from './triggers/timer-tick.ts';
export {
  type BottleScope,
  type ScopeAttachment,
  currentScope,
  findScope,
  type ProcessScope,
  runInScope,
  type ScopedCall,
  type ScopedStream,
  type ScopeOptions,
  withScope,
} from './scope.ts';
