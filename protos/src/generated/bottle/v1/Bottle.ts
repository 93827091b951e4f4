// Original file: bottle/v1/bottle.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { Batch as _bottle_v1_Batch, Batch__Output as _bottle_v1_Batch__Output } from '../../bottle/v1/Batch.ts';
import type { CollectRequest as _bottle_v1_CollectRequest, CollectRequest__Output as _bottle_v1_CollectRequest__Output } from '../../bottle/v1/CollectRequest.ts';
import type { Ping as _bottle_v1_Ping, Ping__Output as _bottle_v1_Ping__Output } from '../../bottle/v1/Ping.ts';
import type { Pong as _bottle_v1_Pong, Pong__Output as _bottle_v1_Pong__Output } from '../../bottle/v1/Pong.ts';
import type { Request as _bottle_v1_Request, Request__Output as _bottle_v1_Request__Output } from '../../bottle/v1/Request.ts';
import type { Response as _bottle_v1_Response, Response__Output as _bottle_v1_Response__Output } from '../../bottle/v1/Response.ts';

/**
 * Served by the sidecar on sidecar.sock, called by the function container. The methods of the capabilities
 * (bottle.v1.Cache, Database, MessageQueue, Rpc, Http, Config, Lock) stand beside it on the same socket.
 */
export interface BottleClient extends grpc.Client {
  /**
   * One bottle call by itself: `target` names the capability's method and the resource, `body` is the encoded request.
   */
  Call(argument: _bottle_v1_Request, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  Call(argument: _bottle_v1_Request, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  Call(argument: _bottle_v1_Request, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  Call(argument: _bottle_v1_Request, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  /**
   * One bottle call by itself: `target` names the capability's method and the resource, `body` is the encoded request.
   */
  call(argument: _bottle_v1_Request, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  call(argument: _bottle_v1_Request, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  call(argument: _bottle_v1_Request, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  call(argument: _bottle_v1_Request, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  
  /**
   * The body of an answer that was too large for a frame.
   */
  Collect(argument: _bottle_v1_CollectRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  Collect(argument: _bottle_v1_CollectRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  Collect(argument: _bottle_v1_CollectRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  Collect(argument: _bottle_v1_CollectRequest, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  /**
   * The body of an answer that was too large for a frame.
   */
  collect(argument: _bottle_v1_CollectRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  collect(argument: _bottle_v1_CollectRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  collect(argument: _bottle_v1_CollectRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  collect(argument: _bottle_v1_CollectRequest, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  
  /**
   * The batched stream of bottle calls.
   */
  Connect(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_Batch, _bottle_v1_Batch__Output>;
  Connect(options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_Batch, _bottle_v1_Batch__Output>;
  /**
   * The batched stream of bottle calls.
   */
  connect(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_Batch, _bottle_v1_Batch__Output>;
  connect(options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_Batch, _bottle_v1_Batch__Output>;
  
  /**
   * Answered at once.
   */
  Ping(argument: _bottle_v1_Ping, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_Pong__Output>): grpc.ClientUnaryCall;
  Ping(argument: _bottle_v1_Ping, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_Pong__Output>): grpc.ClientUnaryCall;
  Ping(argument: _bottle_v1_Ping, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_Pong__Output>): grpc.ClientUnaryCall;
  Ping(argument: _bottle_v1_Ping, callback: grpc.requestCallback<_bottle_v1_Pong__Output>): grpc.ClientUnaryCall;
  /**
   * Answered at once.
   */
  ping(argument: _bottle_v1_Ping, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_Pong__Output>): grpc.ClientUnaryCall;
  ping(argument: _bottle_v1_Ping, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_Pong__Output>): grpc.ClientUnaryCall;
  ping(argument: _bottle_v1_Ping, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_Pong__Output>): grpc.ClientUnaryCall;
  ping(argument: _bottle_v1_Ping, callback: grpc.requestCallback<_bottle_v1_Pong__Output>): grpc.ClientUnaryCall;
  
}

/**
 * Served by the sidecar on sidecar.sock, called by the function container. The methods of the capabilities
 * (bottle.v1.Cache, Database, MessageQueue, Rpc, Http, Config, Lock) stand beside it on the same socket.
 */
export interface BottleHandlers extends grpc.UntypedServiceImplementation {
  /**
   * One bottle call by itself: `target` names the capability's method and the resource, `body` is the encoded request.
   */
  Call: grpc.handleUnaryCall<_bottle_v1_Request__Output, _bottle_v1_Response>;
  
  /**
   * The body of an answer that was too large for a frame.
   */
  Collect: grpc.handleUnaryCall<_bottle_v1_CollectRequest__Output, _bottle_v1_Response>;
  
  /**
   * The batched stream of bottle calls.
   */
  Connect: grpc.handleBidiStreamingCall<_bottle_v1_Batch__Output, _bottle_v1_Batch>;
  
  /**
   * Answered at once.
   */
  Ping: grpc.handleUnaryCall<_bottle_v1_Ping__Output, _bottle_v1_Pong>;
  
}

export interface BottleDefinition extends grpc.ServiceDefinition {
  Call: MethodDefinition<_bottle_v1_Request, _bottle_v1_Response, _bottle_v1_Request__Output, _bottle_v1_Response__Output>
  Collect: MethodDefinition<_bottle_v1_CollectRequest, _bottle_v1_Response, _bottle_v1_CollectRequest__Output, _bottle_v1_Response__Output>
  Connect: MethodDefinition<_bottle_v1_Batch, _bottle_v1_Batch, _bottle_v1_Batch__Output, _bottle_v1_Batch__Output>
  Ping: MethodDefinition<_bottle_v1_Ping, _bottle_v1_Pong, _bottle_v1_Ping__Output, _bottle_v1_Pong__Output>
}
