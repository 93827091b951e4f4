// Original file: bottle/v1/config.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ConfigChange as _bottle_v1_ConfigChange, ConfigChange__Output as _bottle_v1_ConfigChange__Output } from '../../bottle/v1/ConfigChange.ts';
import type { ConfigEntries as _bottle_v1_ConfigEntries, ConfigEntries__Output as _bottle_v1_ConfigEntries__Output } from '../../bottle/v1/ConfigEntries.ts';
import type { ConfigEntry as _bottle_v1_ConfigEntry, ConfigEntry__Output as _bottle_v1_ConfigEntry__Output } from '../../bottle/v1/ConfigEntry.ts';
import type { ConfigKey as _bottle_v1_ConfigKey, ConfigKey__Output as _bottle_v1_ConfigKey__Output } from '../../bottle/v1/ConfigKey.ts';
import type { ConfigList as _bottle_v1_ConfigList, ConfigList__Output as _bottle_v1_ConfigList__Output } from '../../bottle/v1/ConfigList.ts';
import type { ConfigRevision as _bottle_v1_ConfigRevision, ConfigRevision__Output as _bottle_v1_ConfigRevision__Output } from '../../bottle/v1/ConfigRevision.ts';

/**
 * Values that operators change while the pod runs.
 */
export interface ConfigClient extends grpc.Client {
  /**
   * The value now. NOT_FOUND where there is none.
   */
  Get(argument: _bottle_v1_ConfigKey, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ConfigEntry__Output>): grpc.ClientUnaryCall;
  Get(argument: _bottle_v1_ConfigKey, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_ConfigEntry__Output>): grpc.ClientUnaryCall;
  Get(argument: _bottle_v1_ConfigKey, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ConfigEntry__Output>): grpc.ClientUnaryCall;
  Get(argument: _bottle_v1_ConfigKey, callback: grpc.requestCallback<_bottle_v1_ConfigEntry__Output>): grpc.ClientUnaryCall;
  /**
   * The value now. NOT_FOUND where there is none.
   */
  get(argument: _bottle_v1_ConfigKey, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ConfigEntry__Output>): grpc.ClientUnaryCall;
  get(argument: _bottle_v1_ConfigKey, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_ConfigEntry__Output>): grpc.ClientUnaryCall;
  get(argument: _bottle_v1_ConfigKey, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ConfigEntry__Output>): grpc.ClientUnaryCall;
  get(argument: _bottle_v1_ConfigKey, callback: grpc.requestCallback<_bottle_v1_ConfigEntry__Output>): grpc.ClientUnaryCall;
  
  /**
   * The current value and the ones before it, newest first: at most 50.
   */
  History(argument: _bottle_v1_ConfigKey, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ConfigEntries__Output>): grpc.ClientUnaryCall;
  History(argument: _bottle_v1_ConfigKey, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_ConfigEntries__Output>): grpc.ClientUnaryCall;
  History(argument: _bottle_v1_ConfigKey, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ConfigEntries__Output>): grpc.ClientUnaryCall;
  History(argument: _bottle_v1_ConfigKey, callback: grpc.requestCallback<_bottle_v1_ConfigEntries__Output>): grpc.ClientUnaryCall;
  /**
   * The current value and the ones before it, newest first: at most 50.
   */
  history(argument: _bottle_v1_ConfigKey, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ConfigEntries__Output>): grpc.ClientUnaryCall;
  history(argument: _bottle_v1_ConfigKey, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_ConfigEntries__Output>): grpc.ClientUnaryCall;
  history(argument: _bottle_v1_ConfigKey, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ConfigEntries__Output>): grpc.ClientUnaryCall;
  history(argument: _bottle_v1_ConfigKey, callback: grpc.requestCallback<_bottle_v1_ConfigEntries__Output>): grpc.ClientUnaryCall;
  
  /**
   * All entries that have a value, by key.
   */
  List(argument: _bottle_v1_ConfigList, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ConfigEntries__Output>): grpc.ClientUnaryCall;
  List(argument: _bottle_v1_ConfigList, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_ConfigEntries__Output>): grpc.ClientUnaryCall;
  List(argument: _bottle_v1_ConfigList, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ConfigEntries__Output>): grpc.ClientUnaryCall;
  List(argument: _bottle_v1_ConfigList, callback: grpc.requestCallback<_bottle_v1_ConfigEntries__Output>): grpc.ClientUnaryCall;
  /**
   * All entries that have a value, by key.
   */
  list(argument: _bottle_v1_ConfigList, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ConfigEntries__Output>): grpc.ClientUnaryCall;
  list(argument: _bottle_v1_ConfigList, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_ConfigEntries__Output>): grpc.ClientUnaryCall;
  list(argument: _bottle_v1_ConfigList, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ConfigEntries__Output>): grpc.ClientUnaryCall;
  list(argument: _bottle_v1_ConfigList, callback: grpc.requestCallback<_bottle_v1_ConfigEntries__Output>): grpc.ClientUnaryCall;
  
  /**
   * Makes a former value the current one, as a new revision. NOT_FOUND when the history does not have it.
   */
  Rollback(argument: _bottle_v1_ConfigRevision, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ConfigEntry__Output>): grpc.ClientUnaryCall;
  Rollback(argument: _bottle_v1_ConfigRevision, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_ConfigEntry__Output>): grpc.ClientUnaryCall;
  Rollback(argument: _bottle_v1_ConfigRevision, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ConfigEntry__Output>): grpc.ClientUnaryCall;
  Rollback(argument: _bottle_v1_ConfigRevision, callback: grpc.requestCallback<_bottle_v1_ConfigEntry__Output>): grpc.ClientUnaryCall;
  /**
   * Makes a former value the current one, as a new revision. NOT_FOUND when the history does not have it.
   */
  rollback(argument: _bottle_v1_ConfigRevision, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ConfigEntry__Output>): grpc.ClientUnaryCall;
  rollback(argument: _bottle_v1_ConfigRevision, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_ConfigEntry__Output>): grpc.ClientUnaryCall;
  rollback(argument: _bottle_v1_ConfigRevision, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ConfigEntry__Output>): grpc.ClientUnaryCall;
  rollback(argument: _bottle_v1_ConfigRevision, callback: grpc.requestCallback<_bottle_v1_ConfigEntry__Output>): grpc.ClientUnaryCall;
  
  /**
   * Replaces a value; answers the new entry. ABORTED when the expected revision is not the current one. Values of
   * `switches` are validated.
   */
  Set(argument: _bottle_v1_ConfigChange, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ConfigEntry__Output>): grpc.ClientUnaryCall;
  Set(argument: _bottle_v1_ConfigChange, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_ConfigEntry__Output>): grpc.ClientUnaryCall;
  Set(argument: _bottle_v1_ConfigChange, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ConfigEntry__Output>): grpc.ClientUnaryCall;
  Set(argument: _bottle_v1_ConfigChange, callback: grpc.requestCallback<_bottle_v1_ConfigEntry__Output>): grpc.ClientUnaryCall;
  /**
   * Replaces a value; answers the new entry. ABORTED when the expected revision is not the current one. Values of
   * `switches` are validated.
   */
  set(argument: _bottle_v1_ConfigChange, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ConfigEntry__Output>): grpc.ClientUnaryCall;
  set(argument: _bottle_v1_ConfigChange, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_ConfigEntry__Output>): grpc.ClientUnaryCall;
  set(argument: _bottle_v1_ConfigChange, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ConfigEntry__Output>): grpc.ClientUnaryCall;
  set(argument: _bottle_v1_ConfigChange, callback: grpc.requestCallback<_bottle_v1_ConfigEntry__Output>): grpc.ClientUnaryCall;
  
  /**
   * The value now and after every change, also of those that happened while the resource could not be reached. A slow
   * reader misses what is no longer current, never what is. An entry without a value says that there is none (any more).
   */
  Watch(argument: _bottle_v1_ConfigKey, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_bottle_v1_ConfigEntry__Output>;
  Watch(argument: _bottle_v1_ConfigKey, options?: grpc.CallOptions): grpc.ClientReadableStream<_bottle_v1_ConfigEntry__Output>;
  /**
   * The value now and after every change, also of those that happened while the resource could not be reached. A slow
   * reader misses what is no longer current, never what is. An entry without a value says that there is none (any more).
   */
  watch(argument: _bottle_v1_ConfigKey, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_bottle_v1_ConfigEntry__Output>;
  watch(argument: _bottle_v1_ConfigKey, options?: grpc.CallOptions): grpc.ClientReadableStream<_bottle_v1_ConfigEntry__Output>;
  
}

/**
 * Values that operators change while the pod runs.
 */
export interface ConfigHandlers extends grpc.UntypedServiceImplementation {
  /**
   * The value now. NOT_FOUND where there is none.
   */
  Get: grpc.handleUnaryCall<_bottle_v1_ConfigKey__Output, _bottle_v1_ConfigEntry>;
  
  /**
   * The current value and the ones before it, newest first: at most 50.
   */
  History: grpc.handleUnaryCall<_bottle_v1_ConfigKey__Output, _bottle_v1_ConfigEntries>;
  
  /**
   * All entries that have a value, by key.
   */
  List: grpc.handleUnaryCall<_bottle_v1_ConfigList__Output, _bottle_v1_ConfigEntries>;
  
  /**
   * Makes a former value the current one, as a new revision. NOT_FOUND when the history does not have it.
   */
  Rollback: grpc.handleUnaryCall<_bottle_v1_ConfigRevision__Output, _bottle_v1_ConfigEntry>;
  
  /**
   * Replaces a value; answers the new entry. ABORTED when the expected revision is not the current one. Values of
   * `switches` are validated.
   */
  Set: grpc.handleUnaryCall<_bottle_v1_ConfigChange__Output, _bottle_v1_ConfigEntry>;
  
  /**
   * The value now and after every change, also of those that happened while the resource could not be reached. A slow
   * reader misses what is no longer current, never what is. An entry without a value says that there is none (any more).
   */
  Watch: grpc.handleServerStreamingCall<_bottle_v1_ConfigKey__Output, _bottle_v1_ConfigEntry>;
  
}

export interface ConfigDefinition extends grpc.ServiceDefinition {
  Get: MethodDefinition<_bottle_v1_ConfigKey, _bottle_v1_ConfigEntry, _bottle_v1_ConfigKey__Output, _bottle_v1_ConfigEntry__Output>
  History: MethodDefinition<_bottle_v1_ConfigKey, _bottle_v1_ConfigEntries, _bottle_v1_ConfigKey__Output, _bottle_v1_ConfigEntries__Output>
  List: MethodDefinition<_bottle_v1_ConfigList, _bottle_v1_ConfigEntries, _bottle_v1_ConfigList__Output, _bottle_v1_ConfigEntries__Output>
  Rollback: MethodDefinition<_bottle_v1_ConfigRevision, _bottle_v1_ConfigEntry, _bottle_v1_ConfigRevision__Output, _bottle_v1_ConfigEntry__Output>
  Set: MethodDefinition<_bottle_v1_ConfigChange, _bottle_v1_ConfigEntry, _bottle_v1_ConfigChange__Output, _bottle_v1_ConfigEntry__Output>
  Watch: MethodDefinition<_bottle_v1_ConfigKey, _bottle_v1_ConfigEntry, _bottle_v1_ConfigKey__Output, _bottle_v1_ConfigEntry__Output>
}
