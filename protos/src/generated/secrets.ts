import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { SecretKey as _bottle_v1_SecretKey, SecretKey__Output as _bottle_v1_SecretKey__Output } from './bottle/v1/SecretKey.ts';
import type { SecretKeys as _bottle_v1_SecretKeys, SecretKeys__Output as _bottle_v1_SecretKeys__Output } from './bottle/v1/SecretKeys.ts';
import type { SecretList as _bottle_v1_SecretList, SecretList__Output as _bottle_v1_SecretList__Output } from './bottle/v1/SecretList.ts';
import type { SecretValue as _bottle_v1_SecretValue, SecretValue__Output as _bottle_v1_SecretValue__Output } from './bottle/v1/SecretValue.ts';
import type { SecretsClient as _bottle_v1_SecretsClient, SecretsDefinition as _bottle_v1_SecretsDefinition } from './bottle/v1/Secrets.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  bottle: {
    v1: {
      SecretKey: MessageTypeDefinition<_bottle_v1_SecretKey, _bottle_v1_SecretKey__Output>
      SecretKeys: MessageTypeDefinition<_bottle_v1_SecretKeys, _bottle_v1_SecretKeys__Output>
      SecretList: MessageTypeDefinition<_bottle_v1_SecretList, _bottle_v1_SecretList__Output>
      SecretValue: MessageTypeDefinition<_bottle_v1_SecretValue, _bottle_v1_SecretValue__Output>
      /**
       * Values that nobody may see in a log.
       */
      Secrets: SubtypeConstructor<typeof grpc.Client, _bottle_v1_SecretsClient> & { service: _bottle_v1_SecretsDefinition }
    }
  }
}

