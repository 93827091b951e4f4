// Original file: bottle/v1/rpc.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { Request as _bottle_v1_Request, Request__Output as _bottle_v1_Request__Output } from '../../bottle/v1/Request.ts';
import type { Response as _bottle_v1_Response, Response__Output as _bottle_v1_Response__Output } from '../../bottle/v1/Response.ts';

/**
 * The generic service that a pod offers to others.
 */
export interface FunctionsClient extends grpc.Client {
  /**
   * Invokes the function that `Request.target` names.
   */
  Invoke(argument: _bottle_v1_Request, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  Invoke(argument: _bottle_v1_Request, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  Invoke(argument: _bottle_v1_Request, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  Invoke(argument: _bottle_v1_Request, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  /**
   * Invokes the function that `Request.target` names.
   */
  invoke(argument: _bottle_v1_Request, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  invoke(argument: _bottle_v1_Request, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  invoke(argument: _bottle_v1_Request, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  invoke(argument: _bottle_v1_Request, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  
}

/**
 * The generic service that a pod offers to others.
 */
export interface FunctionsHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Invokes the function that `Request.target` names.
   */
  Invoke: grpc.handleUnaryCall<_bottle_v1_Request__Output, _bottle_v1_Response>;
  
}

export interface FunctionsDefinition extends grpc.ServiceDefinition {
  Invoke: MethodDefinition<_bottle_v1_Request, _bottle_v1_Response, _bottle_v1_Request__Output, _bottle_v1_Response__Output>
}
