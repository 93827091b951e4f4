// Original file: bottle/v1/cache.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { CacheMessage as _bottle_v1_CacheMessage, CacheMessage__Output as _bottle_v1_CacheMessage__Output } from '../../bottle/v1/CacheMessage.ts';
import type { CacheOperation as _bottle_v1_CacheOperation, CacheOperation__Output as _bottle_v1_CacheOperation__Output } from '../../bottle/v1/CacheOperation.ts';
import type { CacheResult as _bottle_v1_CacheResult, CacheResult__Output as _bottle_v1_CacheResult__Output } from '../../bottle/v1/CacheResult.ts';
import type { CacheResults as _bottle_v1_CacheResults, CacheResults__Output as _bottle_v1_CacheResults__Output } from '../../bottle/v1/CacheResults.ts';
import type { CacheSubscription as _bottle_v1_CacheSubscription, CacheSubscription__Output as _bottle_v1_CacheSubscription__Output } from '../../bottle/v1/CacheSubscription.ts';
import type { CacheTransaction as _bottle_v1_CacheTransaction, CacheTransaction__Output as _bottle_v1_CacheTransaction__Output } from '../../bottle/v1/CacheTransaction.ts';

/**
 * A key-value store with expiry, collections, scripts and messages between pods.
 */
export interface CacheClient extends grpc.Client {
  /**
   * One operation.
   */
  Execute(argument: _bottle_v1_CacheOperation, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_CacheResult__Output>): grpc.ClientUnaryCall;
  Execute(argument: _bottle_v1_CacheOperation, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_CacheResult__Output>): grpc.ClientUnaryCall;
  Execute(argument: _bottle_v1_CacheOperation, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_CacheResult__Output>): grpc.ClientUnaryCall;
  Execute(argument: _bottle_v1_CacheOperation, callback: grpc.requestCallback<_bottle_v1_CacheResult__Output>): grpc.ClientUnaryCall;
  /**
   * One operation.
   */
  execute(argument: _bottle_v1_CacheOperation, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_CacheResult__Output>): grpc.ClientUnaryCall;
  execute(argument: _bottle_v1_CacheOperation, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_CacheResult__Output>): grpc.ClientUnaryCall;
  execute(argument: _bottle_v1_CacheOperation, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_CacheResult__Output>): grpc.ClientUnaryCall;
  execute(argument: _bottle_v1_CacheOperation, callback: grpc.requestCallback<_bottle_v1_CacheResult__Output>): grpc.ClientUnaryCall;
  
  /**
   * Messages published to channels, after a first one with an empty channel that says that the subscription stands.
   * Nothing is kept for who was not there.
   */
  Subscribe(argument: _bottle_v1_CacheSubscription, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_bottle_v1_CacheMessage__Output>;
  Subscribe(argument: _bottle_v1_CacheSubscription, options?: grpc.CallOptions): grpc.ClientReadableStream<_bottle_v1_CacheMessage__Output>;
  /**
   * Messages published to channels, after a first one with an empty channel that says that the subscription stands.
   * Nothing is kept for who was not there.
   */
  subscribe(argument: _bottle_v1_CacheSubscription, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_bottle_v1_CacheMessage__Output>;
  subscribe(argument: _bottle_v1_CacheSubscription, options?: grpc.CallOptions): grpc.ClientReadableStream<_bottle_v1_CacheMessage__Output>;
  
  /**
   * Operations that nobody else's come between: all run, or none (when one of them cannot be queued).
   */
  Transaction(argument: _bottle_v1_CacheTransaction, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_CacheResults__Output>): grpc.ClientUnaryCall;
  Transaction(argument: _bottle_v1_CacheTransaction, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_CacheResults__Output>): grpc.ClientUnaryCall;
  Transaction(argument: _bottle_v1_CacheTransaction, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_CacheResults__Output>): grpc.ClientUnaryCall;
  Transaction(argument: _bottle_v1_CacheTransaction, callback: grpc.requestCallback<_bottle_v1_CacheResults__Output>): grpc.ClientUnaryCall;
  /**
   * Operations that nobody else's come between: all run, or none (when one of them cannot be queued).
   */
  transaction(argument: _bottle_v1_CacheTransaction, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_CacheResults__Output>): grpc.ClientUnaryCall;
  transaction(argument: _bottle_v1_CacheTransaction, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_CacheResults__Output>): grpc.ClientUnaryCall;
  transaction(argument: _bottle_v1_CacheTransaction, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_CacheResults__Output>): grpc.ClientUnaryCall;
  transaction(argument: _bottle_v1_CacheTransaction, callback: grpc.requestCallback<_bottle_v1_CacheResults__Output>): grpc.ClientUnaryCall;
  
}

/**
 * A key-value store with expiry, collections, scripts and messages between pods.
 */
export interface CacheHandlers extends grpc.UntypedServiceImplementation {
  /**
   * One operation.
   */
  Execute: grpc.handleUnaryCall<_bottle_v1_CacheOperation__Output, _bottle_v1_CacheResult>;
  
  /**
   * Messages published to channels, after a first one with an empty channel that says that the subscription stands.
   * Nothing is kept for who was not there.
   */
  Subscribe: grpc.handleServerStreamingCall<_bottle_v1_CacheSubscription__Output, _bottle_v1_CacheMessage>;
  
  /**
   * Operations that nobody else's come between: all run, or none (when one of them cannot be queued).
   */
  Transaction: grpc.handleUnaryCall<_bottle_v1_CacheTransaction__Output, _bottle_v1_CacheResults>;
  
}

export interface CacheDefinition extends grpc.ServiceDefinition {
  Execute: MethodDefinition<_bottle_v1_CacheOperation, _bottle_v1_CacheResult, _bottle_v1_CacheOperation__Output, _bottle_v1_CacheResult__Output>
  Subscribe: MethodDefinition<_bottle_v1_CacheSubscription, _bottle_v1_CacheMessage, _bottle_v1_CacheSubscription__Output, _bottle_v1_CacheMessage__Output>
  Transaction: MethodDefinition<_bottle_v1_CacheTransaction, _bottle_v1_CacheResults, _bottle_v1_CacheTransaction__Output, _bottle_v1_CacheResults__Output>
}
