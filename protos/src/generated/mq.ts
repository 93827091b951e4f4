import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { MessageQueueClient as _bottle_v1_MessageQueueClient, MessageQueueDefinition as _bottle_v1_MessageQueueDefinition } from './bottle/v1/MessageQueue.ts';
import type { MqHeader as _bottle_v1_MqHeader, MqHeader__Output as _bottle_v1_MqHeader__Output } from './bottle/v1/MqHeader.ts';
import type { MqMessage as _bottle_v1_MqMessage, MqMessage__Output as _bottle_v1_MqMessage__Output } from './bottle/v1/MqMessage.ts';
import type { MqPublish as _bottle_v1_MqPublish, MqPublish__Output as _bottle_v1_MqPublish__Output } from './bottle/v1/MqPublish.ts';
import type { MqPublished as _bottle_v1_MqPublished, MqPublished__Output as _bottle_v1_MqPublished__Output } from './bottle/v1/MqPublished.ts';
import type { MqReceipt as _bottle_v1_MqReceipt, MqReceipt__Output as _bottle_v1_MqReceipt__Output } from './bottle/v1/MqReceipt.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  bottle: {
    v1: {
      /**
       * A message queue: topics with partitions. Consuming is a trigger, not a call.
       */
      MessageQueue: SubtypeConstructor<typeof grpc.Client, _bottle_v1_MessageQueueClient> & { service: _bottle_v1_MessageQueueDefinition }
      MqHeader: MessageTypeDefinition<_bottle_v1_MqHeader, _bottle_v1_MqHeader__Output>
      MqMessage: MessageTypeDefinition<_bottle_v1_MqMessage, _bottle_v1_MqMessage__Output>
      MqPublish: MessageTypeDefinition<_bottle_v1_MqPublish, _bottle_v1_MqPublish__Output>
      MqPublished: MessageTypeDefinition<_bottle_v1_MqPublished, _bottle_v1_MqPublished__Output>
      MqReceipt: MessageTypeDefinition<_bottle_v1_MqReceipt, _bottle_v1_MqReceipt__Output>
    }
  }
}

