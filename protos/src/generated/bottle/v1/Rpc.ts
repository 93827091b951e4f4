// Original file: bottle/v1/rpc.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { RpcCall as _bottle_v1_RpcCall, RpcCall__Output as _bottle_v1_RpcCall__Output } from '../../bottle/v1/RpcCall.ts';
import type { RpcFrame as _bottle_v1_RpcFrame, RpcFrame__Output as _bottle_v1_RpcFrame__Output } from '../../bottle/v1/RpcFrame.ts';
import type { RpcPayload as _bottle_v1_RpcPayload, RpcPayload__Output as _bottle_v1_RpcPayload__Output } from '../../bottle/v1/RpcPayload.ts';
import type { RpcReply as _bottle_v1_RpcReply, RpcReply__Output as _bottle_v1_RpcReply__Output } from '../../bottle/v1/RpcReply.ts';

/**
 * Functions and gRPC services, here and elsewhere. For Invoke the resource is a function of this pod, or
 * `<service>/<function>` for a function of another one.
 */
export interface RpcClient extends grpc.Client {
  /**
   * A function with an event; `body` and `content_type` are its result.
   */
  Invoke(argument: _bottle_v1_RpcPayload, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_RpcPayload__Output>): grpc.ClientUnaryCall;
  Invoke(argument: _bottle_v1_RpcPayload, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_RpcPayload__Output>): grpc.ClientUnaryCall;
  Invoke(argument: _bottle_v1_RpcPayload, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_RpcPayload__Output>): grpc.ClientUnaryCall;
  Invoke(argument: _bottle_v1_RpcPayload, callback: grpc.requestCallback<_bottle_v1_RpcPayload__Output>): grpc.ClientUnaryCall;
  /**
   * A function with an event; `body` and `content_type` are its result.
   */
  invoke(argument: _bottle_v1_RpcPayload, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_RpcPayload__Output>): grpc.ClientUnaryCall;
  invoke(argument: _bottle_v1_RpcPayload, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_RpcPayload__Output>): grpc.ClientUnaryCall;
  invoke(argument: _bottle_v1_RpcPayload, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_RpcPayload__Output>): grpc.ClientUnaryCall;
  invoke(argument: _bottle_v1_RpcPayload, callback: grpc.requestCallback<_bottle_v1_RpcPayload__Output>): grpc.ClientUnaryCall;
  
  /**
   * One call of a gRPC service's method of any kind. Up: `call` (without a message), then messages, then `end` and half-close.
   * Down: metadata, messages, then the trailer.
   */
  Stream(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_RpcFrame, _bottle_v1_RpcFrame__Output>;
  Stream(options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_RpcFrame, _bottle_v1_RpcFrame__Output>;
  /**
   * One call of a gRPC service's method of any kind. Up: `call` (without a message), then messages, then `end` and half-close.
   * Down: metadata, messages, then the trailer.
   */
  stream(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_RpcFrame, _bottle_v1_RpcFrame__Output>;
  stream(options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_RpcFrame, _bottle_v1_RpcFrame__Output>;
  
  /**
   * One call of a gRPC service's unary method.
   */
  Unary(argument: _bottle_v1_RpcCall, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_RpcReply__Output>): grpc.ClientUnaryCall;
  Unary(argument: _bottle_v1_RpcCall, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_RpcReply__Output>): grpc.ClientUnaryCall;
  Unary(argument: _bottle_v1_RpcCall, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_RpcReply__Output>): grpc.ClientUnaryCall;
  Unary(argument: _bottle_v1_RpcCall, callback: grpc.requestCallback<_bottle_v1_RpcReply__Output>): grpc.ClientUnaryCall;
  /**
   * One call of a gRPC service's unary method.
   */
  unary(argument: _bottle_v1_RpcCall, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_RpcReply__Output>): grpc.ClientUnaryCall;
  unary(argument: _bottle_v1_RpcCall, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_RpcReply__Output>): grpc.ClientUnaryCall;
  unary(argument: _bottle_v1_RpcCall, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_RpcReply__Output>): grpc.ClientUnaryCall;
  unary(argument: _bottle_v1_RpcCall, callback: grpc.requestCallback<_bottle_v1_RpcReply__Output>): grpc.ClientUnaryCall;
  
}

/**
 * Functions and gRPC services, here and elsewhere. For Invoke the resource is a function of this pod, or
 * `<service>/<function>` for a function of another one.
 */
export interface RpcHandlers extends grpc.UntypedServiceImplementation {
  /**
   * A function with an event; `body` and `content_type` are its result.
   */
  Invoke: grpc.handleUnaryCall<_bottle_v1_RpcPayload__Output, _bottle_v1_RpcPayload>;
  
  /**
   * One call of a gRPC service's method of any kind. Up: `call` (without a message), then messages, then `end` and half-close.
   * Down: metadata, messages, then the trailer.
   */
  Stream: grpc.handleBidiStreamingCall<_bottle_v1_RpcFrame__Output, _bottle_v1_RpcFrame>;
  
  /**
   * One call of a gRPC service's unary method.
   */
  Unary: grpc.handleUnaryCall<_bottle_v1_RpcCall__Output, _bottle_v1_RpcReply>;
  
}

export interface RpcDefinition extends grpc.ServiceDefinition {
  Invoke: MethodDefinition<_bottle_v1_RpcPayload, _bottle_v1_RpcPayload, _bottle_v1_RpcPayload__Output, _bottle_v1_RpcPayload__Output>
  Stream: MethodDefinition<_bottle_v1_RpcFrame, _bottle_v1_RpcFrame, _bottle_v1_RpcFrame__Output, _bottle_v1_RpcFrame__Output>
  Unary: MethodDefinition<_bottle_v1_RpcCall, _bottle_v1_RpcReply, _bottle_v1_RpcCall__Output, _bottle_v1_RpcReply__Output>
}
