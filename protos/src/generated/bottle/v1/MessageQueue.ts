// Original file: bottle/v1/mq.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { MqPublish as _bottle_v1_MqPublish, MqPublish__Output as _bottle_v1_MqPublish__Output } from '../../bottle/v1/MqPublish.ts';
import type { MqPublished as _bottle_v1_MqPublished, MqPublished__Output as _bottle_v1_MqPublished__Output } from '../../bottle/v1/MqPublished.ts';

/**
 * A message queue: topics with partitions. Consuming is a trigger, not a call.
 */
export interface MessageQueueClient extends grpc.Client {
  /**
   * Answered when the messages are stored as safely as the resource is configured to store them.
   */
  Publish(argument: _bottle_v1_MqPublish, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_MqPublished__Output>): grpc.ClientUnaryCall;
  Publish(argument: _bottle_v1_MqPublish, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_MqPublished__Output>): grpc.ClientUnaryCall;
  Publish(argument: _bottle_v1_MqPublish, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_MqPublished__Output>): grpc.ClientUnaryCall;
  Publish(argument: _bottle_v1_MqPublish, callback: grpc.requestCallback<_bottle_v1_MqPublished__Output>): grpc.ClientUnaryCall;
  /**
   * Answered when the messages are stored as safely as the resource is configured to store them.
   */
  publish(argument: _bottle_v1_MqPublish, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_MqPublished__Output>): grpc.ClientUnaryCall;
  publish(argument: _bottle_v1_MqPublish, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_MqPublished__Output>): grpc.ClientUnaryCall;
  publish(argument: _bottle_v1_MqPublish, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_MqPublished__Output>): grpc.ClientUnaryCall;
  publish(argument: _bottle_v1_MqPublish, callback: grpc.requestCallback<_bottle_v1_MqPublished__Output>): grpc.ClientUnaryCall;
  
}

/**
 * A message queue: topics with partitions. Consuming is a trigger, not a call.
 */
export interface MessageQueueHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Answered when the messages are stored as safely as the resource is configured to store them.
   */
  Publish: grpc.handleUnaryCall<_bottle_v1_MqPublish__Output, _bottle_v1_MqPublished>;
  
}

export interface MessageQueueDefinition extends grpc.ServiceDefinition {
  Publish: MethodDefinition<_bottle_v1_MqPublish, _bottle_v1_MqPublished, _bottle_v1_MqPublish__Output, _bottle_v1_MqPublished__Output>
}
