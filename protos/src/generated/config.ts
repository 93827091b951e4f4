import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { ConfigClient as _bottle_v1_ConfigClient, ConfigDefinition as _bottle_v1_ConfigDefinition } from './bottle/v1/Config.ts';
import type { ConfigChange as _bottle_v1_ConfigChange, ConfigChange__Output as _bottle_v1_ConfigChange__Output } from './bottle/v1/ConfigChange.ts';
import type { ConfigEntries as _bottle_v1_ConfigEntries, ConfigEntries__Output as _bottle_v1_ConfigEntries__Output } from './bottle/v1/ConfigEntries.ts';
import type { ConfigEntry as _bottle_v1_ConfigEntry, ConfigEntry__Output as _bottle_v1_ConfigEntry__Output } from './bottle/v1/ConfigEntry.ts';
import type { ConfigKey as _bottle_v1_ConfigKey, ConfigKey__Output as _bottle_v1_ConfigKey__Output } from './bottle/v1/ConfigKey.ts';
import type { ConfigList as _bottle_v1_ConfigList, ConfigList__Output as _bottle_v1_ConfigList__Output } from './bottle/v1/ConfigList.ts';
import type { ConfigRevision as _bottle_v1_ConfigRevision, ConfigRevision__Output as _bottle_v1_ConfigRevision__Output } from './bottle/v1/ConfigRevision.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  bottle: {
    v1: {
      /**
       * Values that operators change while the pod runs.
       */
      Config: SubtypeConstructor<typeof grpc.Client, _bottle_v1_ConfigClient> & { service: _bottle_v1_ConfigDefinition }
      ConfigChange: MessageTypeDefinition<_bottle_v1_ConfigChange, _bottle_v1_ConfigChange__Output>
      ConfigEntries: MessageTypeDefinition<_bottle_v1_ConfigEntries, _bottle_v1_ConfigEntries__Output>
      ConfigEntry: MessageTypeDefinition<_bottle_v1_ConfigEntry, _bottle_v1_ConfigEntry__Output>
      ConfigKey: MessageTypeDefinition<_bottle_v1_ConfigKey, _bottle_v1_ConfigKey__Output>
      ConfigList: MessageTypeDefinition<_bottle_v1_ConfigList, _bottle_v1_ConfigList__Output>
      ConfigRevision: MessageTypeDefinition<_bottle_v1_ConfigRevision, _bottle_v1_ConfigRevision__Output>
    }
  }
}

