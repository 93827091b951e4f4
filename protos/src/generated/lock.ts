import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { LockClient as _bottle_v1_LockClient, LockDefinition as _bottle_v1_LockDefinition } from './bottle/v1/Lock.ts';
import type { LockAcquire as _bottle_v1_LockAcquire, LockAcquire__Output as _bottle_v1_LockAcquire__Output } from './bottle/v1/LockAcquire.ts';
import type { LockHolder as _bottle_v1_LockHolder, LockHolder__Output as _bottle_v1_LockHolder__Output } from './bottle/v1/LockHolder.ts';
import type { LockLease as _bottle_v1_LockLease, LockLease__Output as _bottle_v1_LockLease__Output } from './bottle/v1/LockLease.ts';
import type { LockReleased as _bottle_v1_LockReleased, LockReleased__Output as _bottle_v1_LockReleased__Output } from './bottle/v1/LockReleased.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  bottle: {
    v1: {
      /**
       * Leases with fencing tokens.
       */
      Lock: SubtypeConstructor<typeof grpc.Client, _bottle_v1_LockClient> & { service: _bottle_v1_LockDefinition }
      LockAcquire: MessageTypeDefinition<_bottle_v1_LockAcquire, _bottle_v1_LockAcquire__Output>
      LockHolder: MessageTypeDefinition<_bottle_v1_LockHolder, _bottle_v1_LockHolder__Output>
      LockLease: MessageTypeDefinition<_bottle_v1_LockLease, _bottle_v1_LockLease__Output>
      LockReleased: MessageTypeDefinition<_bottle_v1_LockReleased, _bottle_v1_LockReleased__Output>
    }
  }
}

