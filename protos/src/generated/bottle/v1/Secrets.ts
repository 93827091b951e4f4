// Original file: bottle/v1/secrets.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { SecretKey as _bottle_v1_SecretKey, SecretKey__Output as _bottle_v1_SecretKey__Output } from '../../bottle/v1/SecretKey.ts';
import type { SecretKeys as _bottle_v1_SecretKeys, SecretKeys__Output as _bottle_v1_SecretKeys__Output } from '../../bottle/v1/SecretKeys.ts';
import type { SecretList as _bottle_v1_SecretList, SecretList__Output as _bottle_v1_SecretList__Output } from '../../bottle/v1/SecretList.ts';
import type { SecretValue as _bottle_v1_SecretValue, SecretValue__Output as _bottle_v1_SecretValue__Output } from '../../bottle/v1/SecretValue.ts';

/**
 * Values that nobody may see in a log.
 */
export interface SecretsClient extends grpc.Client {
  /**
   * The value now. NOT_FOUND where there is none.
   */
  Get(argument: _bottle_v1_SecretKey, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_SecretValue__Output>): grpc.ClientUnaryCall;
  Get(argument: _bottle_v1_SecretKey, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_SecretValue__Output>): grpc.ClientUnaryCall;
  Get(argument: _bottle_v1_SecretKey, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_SecretValue__Output>): grpc.ClientUnaryCall;
  Get(argument: _bottle_v1_SecretKey, callback: grpc.requestCallback<_bottle_v1_SecretValue__Output>): grpc.ClientUnaryCall;
  /**
   * The value now. NOT_FOUND where there is none.
   */
  get(argument: _bottle_v1_SecretKey, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_SecretValue__Output>): grpc.ClientUnaryCall;
  get(argument: _bottle_v1_SecretKey, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_SecretValue__Output>): grpc.ClientUnaryCall;
  get(argument: _bottle_v1_SecretKey, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_SecretValue__Output>): grpc.ClientUnaryCall;
  get(argument: _bottle_v1_SecretKey, callback: grpc.requestCallback<_bottle_v1_SecretValue__Output>): grpc.ClientUnaryCall;
  
  /**
   * The keys that have a value now.
   */
  List(argument: _bottle_v1_SecretList, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_SecretKeys__Output>): grpc.ClientUnaryCall;
  List(argument: _bottle_v1_SecretList, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_SecretKeys__Output>): grpc.ClientUnaryCall;
  List(argument: _bottle_v1_SecretList, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_SecretKeys__Output>): grpc.ClientUnaryCall;
  List(argument: _bottle_v1_SecretList, callback: grpc.requestCallback<_bottle_v1_SecretKeys__Output>): grpc.ClientUnaryCall;
  /**
   * The keys that have a value now.
   */
  list(argument: _bottle_v1_SecretList, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_SecretKeys__Output>): grpc.ClientUnaryCall;
  list(argument: _bottle_v1_SecretList, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_SecretKeys__Output>): grpc.ClientUnaryCall;
  list(argument: _bottle_v1_SecretList, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_SecretKeys__Output>): grpc.ClientUnaryCall;
  list(argument: _bottle_v1_SecretList, callback: grpc.requestCallback<_bottle_v1_SecretKeys__Output>): grpc.ClientUnaryCall;
  
}

/**
 * Values that nobody may see in a log.
 */
export interface SecretsHandlers extends grpc.UntypedServiceImplementation {
  /**
   * The value now. NOT_FOUND where there is none.
   */
  Get: grpc.handleUnaryCall<_bottle_v1_SecretKey__Output, _bottle_v1_SecretValue>;
  
  /**
   * The keys that have a value now.
   */
  List: grpc.handleUnaryCall<_bottle_v1_SecretList__Output, _bottle_v1_SecretKeys>;
  
}

export interface SecretsDefinition extends grpc.ServiceDefinition {
  Get: MethodDefinition<_bottle_v1_SecretKey, _bottle_v1_SecretValue, _bottle_v1_SecretKey__Output, _bottle_v1_SecretValue__Output>
  List: MethodDefinition<_bottle_v1_SecretList, _bottle_v1_SecretKeys, _bottle_v1_SecretList__Output, _bottle_v1_SecretKeys__Output>
}
