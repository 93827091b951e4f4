import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { CacheClient as _bottle_v1_CacheClient, CacheDefinition as _bottle_v1_CacheDefinition } from './bottle/v1/Cache.ts';
import type { CacheCommand as _bottle_v1_CacheCommand, CacheCommand__Output as _bottle_v1_CacheCommand__Output } from './bottle/v1/CacheCommand.ts';
import type { CacheExpire as _bottle_v1_CacheExpire, CacheExpire__Output as _bottle_v1_CacheExpire__Output } from './bottle/v1/CacheExpire.ts';
import type { CacheField as _bottle_v1_CacheField, CacheField__Output as _bottle_v1_CacheField__Output } from './bottle/v1/CacheField.ts';
import type { CacheFieldIncrement as _bottle_v1_CacheFieldIncrement, CacheFieldIncrement__Output as _bottle_v1_CacheFieldIncrement__Output } from './bottle/v1/CacheFieldIncrement.ts';
import type { CacheHashSet as _bottle_v1_CacheHashSet, CacheHashSet__Output as _bottle_v1_CacheHashSet__Output } from './bottle/v1/CacheHashSet.ts';
import type { CacheIncrement as _bottle_v1_CacheIncrement, CacheIncrement__Output as _bottle_v1_CacheIncrement__Output } from './bottle/v1/CacheIncrement.ts';
import type { CacheKey as _bottle_v1_CacheKey, CacheKey__Output as _bottle_v1_CacheKey__Output } from './bottle/v1/CacheKey.ts';
import type { CacheKeys as _bottle_v1_CacheKeys, CacheKeys__Output as _bottle_v1_CacheKeys__Output } from './bottle/v1/CacheKeys.ts';
import type { CacheMembers as _bottle_v1_CacheMembers, CacheMembers__Output as _bottle_v1_CacheMembers__Output } from './bottle/v1/CacheMembers.ts';
import type { CacheMessage as _bottle_v1_CacheMessage, CacheMessage__Output as _bottle_v1_CacheMessage__Output } from './bottle/v1/CacheMessage.ts';
import type { CacheOperation as _bottle_v1_CacheOperation, CacheOperation__Output as _bottle_v1_CacheOperation__Output } from './bottle/v1/CacheOperation.ts';
import type { CachePage as _bottle_v1_CachePage, CachePage__Output as _bottle_v1_CachePage__Output } from './bottle/v1/CachePage.ts';
import type { CachePop as _bottle_v1_CachePop, CachePop__Output as _bottle_v1_CachePop__Output } from './bottle/v1/CachePop.ts';
import type { CachePush as _bottle_v1_CachePush, CachePush__Output as _bottle_v1_CachePush__Output } from './bottle/v1/CachePush.ts';
import type { CacheRange as _bottle_v1_CacheRange, CacheRange__Output as _bottle_v1_CacheRange__Output } from './bottle/v1/CacheRange.ts';
import type { CacheReplies as _bottle_v1_CacheReplies, CacheReplies__Output as _bottle_v1_CacheReplies__Output } from './bottle/v1/CacheReplies.ts';
import type { CacheReply as _bottle_v1_CacheReply, CacheReply__Output as _bottle_v1_CacheReply__Output } from './bottle/v1/CacheReply.ts';
import type { CacheResult as _bottle_v1_CacheResult, CacheResult__Output as _bottle_v1_CacheResult__Output } from './bottle/v1/CacheResult.ts';
import type { CacheResults as _bottle_v1_CacheResults, CacheResults__Output as _bottle_v1_CacheResults__Output } from './bottle/v1/CacheResults.ts';
import type { CacheScan as _bottle_v1_CacheScan, CacheScan__Output as _bottle_v1_CacheScan__Output } from './bottle/v1/CacheScan.ts';
import type { CacheScript as _bottle_v1_CacheScript, CacheScript__Output as _bottle_v1_CacheScript__Output } from './bottle/v1/CacheScript.ts';
import type { CacheSet as _bottle_v1_CacheSet, CacheSet__Output as _bottle_v1_CacheSet__Output } from './bottle/v1/CacheSet.ts';
import type { CacheSetMany as _bottle_v1_CacheSetMany, CacheSetMany__Output as _bottle_v1_CacheSetMany__Output } from './bottle/v1/CacheSetMany.ts';
import type { CacheSortedAdd as _bottle_v1_CacheSortedAdd, CacheSortedAdd__Output as _bottle_v1_CacheSortedAdd__Output } from './bottle/v1/CacheSortedAdd.ts';
import type { CacheSortedIncrement as _bottle_v1_CacheSortedIncrement, CacheSortedIncrement__Output as _bottle_v1_CacheSortedIncrement__Output } from './bottle/v1/CacheSortedIncrement.ts';
import type { CacheSortedMember as _bottle_v1_CacheSortedMember, CacheSortedMember__Output as _bottle_v1_CacheSortedMember__Output } from './bottle/v1/CacheSortedMember.ts';
import type { CacheSortedMembers as _bottle_v1_CacheSortedMembers, CacheSortedMembers__Output as _bottle_v1_CacheSortedMembers__Output } from './bottle/v1/CacheSortedMembers.ts';
import type { CacheSortedRange as _bottle_v1_CacheSortedRange, CacheSortedRange__Output as _bottle_v1_CacheSortedRange__Output } from './bottle/v1/CacheSortedRange.ts';
import type { CacheSortedRank as _bottle_v1_CacheSortedRank, CacheSortedRank__Output as _bottle_v1_CacheSortedRank__Output } from './bottle/v1/CacheSortedRank.ts';
import type { CacheSubscription as _bottle_v1_CacheSubscription, CacheSubscription__Output as _bottle_v1_CacheSubscription__Output } from './bottle/v1/CacheSubscription.ts';
import type { CacheTransaction as _bottle_v1_CacheTransaction, CacheTransaction__Output as _bottle_v1_CacheTransaction__Output } from './bottle/v1/CacheTransaction.ts';
import type { CacheValue as _bottle_v1_CacheValue, CacheValue__Output as _bottle_v1_CacheValue__Output } from './bottle/v1/CacheValue.ts';
import type { CacheValues as _bottle_v1_CacheValues, CacheValues__Output as _bottle_v1_CacheValues__Output } from './bottle/v1/CacheValues.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  bottle: {
    v1: {
      /**
       * A key-value store with expiry, collections, scripts and messages between pods.
       */
      Cache: SubtypeConstructor<typeof grpc.Client, _bottle_v1_CacheClient> & { service: _bottle_v1_CacheDefinition }
      CacheCommand: MessageTypeDefinition<_bottle_v1_CacheCommand, _bottle_v1_CacheCommand__Output>
      CacheCondition: EnumTypeDefinition
      CacheExpire: MessageTypeDefinition<_bottle_v1_CacheExpire, _bottle_v1_CacheExpire__Output>
      CacheField: MessageTypeDefinition<_bottle_v1_CacheField, _bottle_v1_CacheField__Output>
      CacheFieldIncrement: MessageTypeDefinition<_bottle_v1_CacheFieldIncrement, _bottle_v1_CacheFieldIncrement__Output>
      CacheHashSet: MessageTypeDefinition<_bottle_v1_CacheHashSet, _bottle_v1_CacheHashSet__Output>
      CacheIncrement: MessageTypeDefinition<_bottle_v1_CacheIncrement, _bottle_v1_CacheIncrement__Output>
      CacheKey: MessageTypeDefinition<_bottle_v1_CacheKey, _bottle_v1_CacheKey__Output>
      CacheKeys: MessageTypeDefinition<_bottle_v1_CacheKeys, _bottle_v1_CacheKeys__Output>
      CacheMembers: MessageTypeDefinition<_bottle_v1_CacheMembers, _bottle_v1_CacheMembers__Output>
      CacheMessage: MessageTypeDefinition<_bottle_v1_CacheMessage, _bottle_v1_CacheMessage__Output>
      CacheOperation: MessageTypeDefinition<_bottle_v1_CacheOperation, _bottle_v1_CacheOperation__Output>
      CachePage: MessageTypeDefinition<_bottle_v1_CachePage, _bottle_v1_CachePage__Output>
      CachePop: MessageTypeDefinition<_bottle_v1_CachePop, _bottle_v1_CachePop__Output>
      CachePush: MessageTypeDefinition<_bottle_v1_CachePush, _bottle_v1_CachePush__Output>
      CacheRange: MessageTypeDefinition<_bottle_v1_CacheRange, _bottle_v1_CacheRange__Output>
      CacheReplies: MessageTypeDefinition<_bottle_v1_CacheReplies, _bottle_v1_CacheReplies__Output>
      CacheReply: MessageTypeDefinition<_bottle_v1_CacheReply, _bottle_v1_CacheReply__Output>
      CacheResult: MessageTypeDefinition<_bottle_v1_CacheResult, _bottle_v1_CacheResult__Output>
      CacheResults: MessageTypeDefinition<_bottle_v1_CacheResults, _bottle_v1_CacheResults__Output>
      CacheScan: MessageTypeDefinition<_bottle_v1_CacheScan, _bottle_v1_CacheScan__Output>
      CacheScript: MessageTypeDefinition<_bottle_v1_CacheScript, _bottle_v1_CacheScript__Output>
      CacheSet: MessageTypeDefinition<_bottle_v1_CacheSet, _bottle_v1_CacheSet__Output>
      CacheSetMany: MessageTypeDefinition<_bottle_v1_CacheSetMany, _bottle_v1_CacheSetMany__Output>
      CacheSortedAdd: MessageTypeDefinition<_bottle_v1_CacheSortedAdd, _bottle_v1_CacheSortedAdd__Output>
      CacheSortedIncrement: MessageTypeDefinition<_bottle_v1_CacheSortedIncrement, _bottle_v1_CacheSortedIncrement__Output>
      CacheSortedMember: MessageTypeDefinition<_bottle_v1_CacheSortedMember, _bottle_v1_CacheSortedMember__Output>
      CacheSortedMembers: MessageTypeDefinition<_bottle_v1_CacheSortedMembers, _bottle_v1_CacheSortedMembers__Output>
      CacheSortedRange: MessageTypeDefinition<_bottle_v1_CacheSortedRange, _bottle_v1_CacheSortedRange__Output>
      CacheSortedRank: MessageTypeDefinition<_bottle_v1_CacheSortedRank, _bottle_v1_CacheSortedRank__Output>
      CacheSubscription: MessageTypeDefinition<_bottle_v1_CacheSubscription, _bottle_v1_CacheSubscription__Output>
      CacheTransaction: MessageTypeDefinition<_bottle_v1_CacheTransaction, _bottle_v1_CacheTransaction__Output>
      CacheValue: MessageTypeDefinition<_bottle_v1_CacheValue, _bottle_v1_CacheValue__Output>
      CacheValues: MessageTypeDefinition<_bottle_v1_CacheValues, _bottle_v1_CacheValues__Output>
    }
  }
}

