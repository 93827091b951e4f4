import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { ObjectDeleted as _bottle_v1_ObjectDeleted, ObjectDeleted__Output as _bottle_v1_ObjectDeleted__Output } from './bottle/v1/ObjectDeleted.ts';
import type { ObjectGet as _bottle_v1_ObjectGet, ObjectGet__Output as _bottle_v1_ObjectGet__Output } from './bottle/v1/ObjectGet.ts';
import type { ObjectGetFrame as _bottle_v1_ObjectGetFrame, ObjectGetFrame__Output as _bottle_v1_ObjectGetFrame__Output } from './bottle/v1/ObjectGetFrame.ts';
import type { ObjectGetHead as _bottle_v1_ObjectGetHead, ObjectGetHead__Output as _bottle_v1_ObjectGetHead__Output } from './bottle/v1/ObjectGetHead.ts';
import type { ObjectInfo as _bottle_v1_ObjectInfo, ObjectInfo__Output as _bottle_v1_ObjectInfo__Output } from './bottle/v1/ObjectInfo.ts';
import type { ObjectKey as _bottle_v1_ObjectKey, ObjectKey__Output as _bottle_v1_ObjectKey__Output } from './bottle/v1/ObjectKey.ts';
import type { ObjectList as _bottle_v1_ObjectList, ObjectList__Output as _bottle_v1_ObjectList__Output } from './bottle/v1/ObjectList.ts';
import type { ObjectPage as _bottle_v1_ObjectPage, ObjectPage__Output as _bottle_v1_ObjectPage__Output } from './bottle/v1/ObjectPage.ts';
import type { ObjectPresign as _bottle_v1_ObjectPresign, ObjectPresign__Output as _bottle_v1_ObjectPresign__Output } from './bottle/v1/ObjectPresign.ts';
import type { ObjectPut as _bottle_v1_ObjectPut, ObjectPut__Output as _bottle_v1_ObjectPut__Output } from './bottle/v1/ObjectPut.ts';
import type { ObjectPutFrame as _bottle_v1_ObjectPutFrame, ObjectPutFrame__Output as _bottle_v1_ObjectPutFrame__Output } from './bottle/v1/ObjectPutFrame.ts';
import type { ObjectUrl as _bottle_v1_ObjectUrl, ObjectUrl__Output as _bottle_v1_ObjectUrl__Output } from './bottle/v1/ObjectUrl.ts';
import type { ObjectsClient as _bottle_v1_ObjectsClient, ObjectsDefinition as _bottle_v1_ObjectsDefinition } from './bottle/v1/Objects.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  bottle: {
    v1: {
      ObjectDeleted: MessageTypeDefinition<_bottle_v1_ObjectDeleted, _bottle_v1_ObjectDeleted__Output>
      ObjectGet: MessageTypeDefinition<_bottle_v1_ObjectGet, _bottle_v1_ObjectGet__Output>
      ObjectGetFrame: MessageTypeDefinition<_bottle_v1_ObjectGetFrame, _bottle_v1_ObjectGetFrame__Output>
      ObjectGetHead: MessageTypeDefinition<_bottle_v1_ObjectGetHead, _bottle_v1_ObjectGetHead__Output>
      ObjectInfo: MessageTypeDefinition<_bottle_v1_ObjectInfo, _bottle_v1_ObjectInfo__Output>
      ObjectKey: MessageTypeDefinition<_bottle_v1_ObjectKey, _bottle_v1_ObjectKey__Output>
      ObjectList: MessageTypeDefinition<_bottle_v1_ObjectList, _bottle_v1_ObjectList__Output>
      ObjectPage: MessageTypeDefinition<_bottle_v1_ObjectPage, _bottle_v1_ObjectPage__Output>
      ObjectPresign: MessageTypeDefinition<_bottle_v1_ObjectPresign, _bottle_v1_ObjectPresign__Output>
      ObjectPut: MessageTypeDefinition<_bottle_v1_ObjectPut, _bottle_v1_ObjectPut__Output>
      ObjectPutFrame: MessageTypeDefinition<_bottle_v1_ObjectPutFrame, _bottle_v1_ObjectPutFrame__Output>
      ObjectUrl: MessageTypeDefinition<_bottle_v1_ObjectUrl, _bottle_v1_ObjectUrl__Output>
      /**
       * Bytes under names: files, pictures, exports.
       */
      Objects: SubtypeConstructor<typeof grpc.Client, _bottle_v1_ObjectsClient> & { service: _bottle_v1_ObjectsDefinition }
    }
  }
}

