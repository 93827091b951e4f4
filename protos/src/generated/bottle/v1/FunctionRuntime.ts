// Original file: bottle/v1/runtime.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { Batch as _bottle_v1_Batch, Batch__Output as _bottle_v1_Batch__Output } from '../../bottle/v1/Batch.ts';
import type { Ping as _bottle_v1_Ping, Ping__Output as _bottle_v1_Ping__Output } from '../../bottle/v1/Ping.ts';
import type { Pong as _bottle_v1_Pong, Pong__Output as _bottle_v1_Pong__Output } from '../../bottle/v1/Pong.ts';
import type { Request as _bottle_v1_Request, Request__Output as _bottle_v1_Request__Output } from '../../bottle/v1/Request.ts';
import type { Response as _bottle_v1_Response, Response__Output as _bottle_v1_Response__Output } from '../../bottle/v1/Response.ts';
import type { StreamFrame as _bottle_v1_StreamFrame, StreamFrame__Output as _bottle_v1_StreamFrame__Output } from '../../bottle/v1/StreamFrame.ts';

/**
 * Served by the function container on runtime.sock, called by the sidecar.
 */
export interface FunctionRuntimeClient extends grpc.Client {
  /**
   * The batched stream: invocations whose bodies are below the threshold.
   */
  Connect(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_Batch, _bottle_v1_Batch__Output>;
  Connect(options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_Batch, _bottle_v1_Batch__Output>;
  /**
   * The batched stream: invocations whose bodies are below the threshold.
   */
  connect(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_Batch, _bottle_v1_Batch__Output>;
  connect(options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_Batch, _bottle_v1_Batch__Output>;
  
  /**
   * One invocation by itself, for simple clients. A streamed result is announced, to be fetched with Stream.
   */
  Invoke(argument: _bottle_v1_Request, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  Invoke(argument: _bottle_v1_Request, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  Invoke(argument: _bottle_v1_Request, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  Invoke(argument: _bottle_v1_Request, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  /**
   * One invocation by itself, for simple clients. A streamed result is announced, to be fetched with Stream.
   */
  invoke(argument: _bottle_v1_Request, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  invoke(argument: _bottle_v1_Request, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  invoke(argument: _bottle_v1_Request, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  invoke(argument: _bottle_v1_Request, callback: grpc.requestCallback<_bottle_v1_Response__Output>): grpc.ClientUnaryCall;
  
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
  
  /**
   * One invocation with streaming bodies, so that HTTP/2 flow control bounds memory.
   * Up: `request`, then `chunk`s, then `end` and half-close; or `attach` alone.
   * Down: `response` (not after `attach`), then `chunk`s, then the status. Cancelling the RPC cancels the invocation.
   */
  Stream(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_StreamFrame, _bottle_v1_StreamFrame__Output>;
  Stream(options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_StreamFrame, _bottle_v1_StreamFrame__Output>;
  /**
   * One invocation with streaming bodies, so that HTTP/2 flow control bounds memory.
   * Up: `request`, then `chunk`s, then `end` and half-close; or `attach` alone.
   * Down: `response` (not after `attach`), then `chunk`s, then the status. Cancelling the RPC cancels the invocation.
   */
  stream(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_StreamFrame, _bottle_v1_StreamFrame__Output>;
  stream(options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_StreamFrame, _bottle_v1_StreamFrame__Output>;
  
}

/**
 * Served by the function container on runtime.sock, called by the sidecar.
 */
export interface FunctionRuntimeHandlers extends grpc.UntypedServiceImplementation {
  /**
   * The batched stream: invocations whose bodies are below the threshold.
   */
  Connect: grpc.handleBidiStreamingCall<_bottle_v1_Batch__Output, _bottle_v1_Batch>;
  
  /**
   * One invocation by itself, for simple clients. A streamed result is announced, to be fetched with Stream.
   */
  Invoke: grpc.handleUnaryCall<_bottle_v1_Request__Output, _bottle_v1_Response>;
  
  /**
   * Answered at once.
   */
  Ping: grpc.handleUnaryCall<_bottle_v1_Ping__Output, _bottle_v1_Pong>;
  
  /**
   * One invocation with streaming bodies, so that HTTP/2 flow control bounds memory.
   * Up: `request`, then `chunk`s, then `end` and half-close; or `attach` alone.
   * Down: `response` (not after `attach`), then `chunk`s, then the status. Cancelling the RPC cancels the invocation.
   */
  Stream: grpc.handleBidiStreamingCall<_bottle_v1_StreamFrame__Output, _bottle_v1_StreamFrame>;
  
}

export interface FunctionRuntimeDefinition extends grpc.ServiceDefinition {
  Connect: MethodDefinition<_bottle_v1_Batch, _bottle_v1_Batch, _bottle_v1_Batch__Output, _bottle_v1_Batch__Output>
  Invoke: MethodDefinition<_bottle_v1_Request, _bottle_v1_Response, _bottle_v1_Request__Output, _bottle_v1_Response__Output>
  Ping: MethodDefinition<_bottle_v1_Ping, _bottle_v1_Pong, _bottle_v1_Ping__Output, _bottle_v1_Pong__Output>
  Stream: MethodDefinition<_bottle_v1_StreamFrame, _bottle_v1_StreamFrame, _bottle_v1_StreamFrame__Output, _bottle_v1_StreamFrame__Output>
}
