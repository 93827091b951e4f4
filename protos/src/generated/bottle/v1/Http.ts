// Original file: bottle/v1/http.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { HttpFetchFrame as _bottle_v1_HttpFetchFrame, HttpFetchFrame__Output as _bottle_v1_HttpFetchFrame__Output } from '../../bottle/v1/HttpFetchFrame.ts';

/**
 * HTTP requests to named upstreams.
 */
export interface HttpClient extends grpc.Client {
  /**
   * One request. Up: `request`, then chunks, then `end` and half-close. Down: `response`, then chunks.
   */
  Fetch(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_HttpFetchFrame, _bottle_v1_HttpFetchFrame__Output>;
  Fetch(options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_HttpFetchFrame, _bottle_v1_HttpFetchFrame__Output>;
  /**
   * One request. Up: `request`, then chunks, then `end` and half-close. Down: `response`, then chunks.
   */
  fetch(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_HttpFetchFrame, _bottle_v1_HttpFetchFrame__Output>;
  fetch(options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_HttpFetchFrame, _bottle_v1_HttpFetchFrame__Output>;
  
}

/**
 * HTTP requests to named upstreams.
 */
export interface HttpHandlers extends grpc.UntypedServiceImplementation {
  /**
   * One request. Up: `request`, then chunks, then `end` and half-close. Down: `response`, then chunks.
   */
  Fetch: grpc.handleBidiStreamingCall<_bottle_v1_HttpFetchFrame__Output, _bottle_v1_HttpFetchFrame>;
  
}

export interface HttpDefinition extends grpc.ServiceDefinition {
  Fetch: MethodDefinition<_bottle_v1_HttpFetchFrame, _bottle_v1_HttpFetchFrame, _bottle_v1_HttpFetchFrame__Output, _bottle_v1_HttpFetchFrame__Output>
}
