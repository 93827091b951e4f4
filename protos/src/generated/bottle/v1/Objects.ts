// Original file: bottle/v1/objects.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ObjectDeleted as _bottle_v1_ObjectDeleted, ObjectDeleted__Output as _bottle_v1_ObjectDeleted__Output } from '../../bottle/v1/ObjectDeleted.ts';
import type { ObjectGet as _bottle_v1_ObjectGet, ObjectGet__Output as _bottle_v1_ObjectGet__Output } from '../../bottle/v1/ObjectGet.ts';
import type { ObjectGetFrame as _bottle_v1_ObjectGetFrame, ObjectGetFrame__Output as _bottle_v1_ObjectGetFrame__Output } from '../../bottle/v1/ObjectGetFrame.ts';
import type { ObjectInfo as _bottle_v1_ObjectInfo, ObjectInfo__Output as _bottle_v1_ObjectInfo__Output } from '../../bottle/v1/ObjectInfo.ts';
import type { ObjectKey as _bottle_v1_ObjectKey, ObjectKey__Output as _bottle_v1_ObjectKey__Output } from '../../bottle/v1/ObjectKey.ts';
import type { ObjectList as _bottle_v1_ObjectList, ObjectList__Output as _bottle_v1_ObjectList__Output } from '../../bottle/v1/ObjectList.ts';
import type { ObjectPage as _bottle_v1_ObjectPage, ObjectPage__Output as _bottle_v1_ObjectPage__Output } from '../../bottle/v1/ObjectPage.ts';
import type { ObjectPresign as _bottle_v1_ObjectPresign, ObjectPresign__Output as _bottle_v1_ObjectPresign__Output } from '../../bottle/v1/ObjectPresign.ts';
import type { ObjectPutFrame as _bottle_v1_ObjectPutFrame, ObjectPutFrame__Output as _bottle_v1_ObjectPutFrame__Output } from '../../bottle/v1/ObjectPutFrame.ts';
import type { ObjectUrl as _bottle_v1_ObjectUrl, ObjectUrl__Output as _bottle_v1_ObjectUrl__Output } from '../../bottle/v1/ObjectUrl.ts';

/**
 * Bytes under names: files, pictures, exports.
 */
export interface ObjectsClient extends grpc.Client {
  /**
   * Removes an object; nothing happens when there is none.
   */
  Delete(argument: _bottle_v1_ObjectKey, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ObjectDeleted__Output>): grpc.ClientUnaryCall;
  Delete(argument: _bottle_v1_ObjectKey, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_ObjectDeleted__Output>): grpc.ClientUnaryCall;
  Delete(argument: _bottle_v1_ObjectKey, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ObjectDeleted__Output>): grpc.ClientUnaryCall;
  Delete(argument: _bottle_v1_ObjectKey, callback: grpc.requestCallback<_bottle_v1_ObjectDeleted__Output>): grpc.ClientUnaryCall;
  /**
   * Removes an object; nothing happens when there is none.
   */
  delete(argument: _bottle_v1_ObjectKey, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ObjectDeleted__Output>): grpc.ClientUnaryCall;
  delete(argument: _bottle_v1_ObjectKey, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_ObjectDeleted__Output>): grpc.ClientUnaryCall;
  delete(argument: _bottle_v1_ObjectKey, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ObjectDeleted__Output>): grpc.ClientUnaryCall;
  delete(argument: _bottle_v1_ObjectKey, callback: grpc.requestCallback<_bottle_v1_ObjectDeleted__Output>): grpc.ClientUnaryCall;
  
  /**
   * An object or a part of it. Down: `head`, then chunks. NOT_FOUND where there is none.
   */
  Get(argument: _bottle_v1_ObjectGet, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_bottle_v1_ObjectGetFrame__Output>;
  Get(argument: _bottle_v1_ObjectGet, options?: grpc.CallOptions): grpc.ClientReadableStream<_bottle_v1_ObjectGetFrame__Output>;
  /**
   * An object or a part of it. Down: `head`, then chunks. NOT_FOUND where there is none.
   */
  get(argument: _bottle_v1_ObjectGet, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_bottle_v1_ObjectGetFrame__Output>;
  get(argument: _bottle_v1_ObjectGet, options?: grpc.CallOptions): grpc.ClientReadableStream<_bottle_v1_ObjectGetFrame__Output>;
  
  /**
   * What there is to know of an object. NOT_FOUND where there is none.
   */
  Head(argument: _bottle_v1_ObjectKey, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ObjectInfo__Output>): grpc.ClientUnaryCall;
  Head(argument: _bottle_v1_ObjectKey, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_ObjectInfo__Output>): grpc.ClientUnaryCall;
  Head(argument: _bottle_v1_ObjectKey, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ObjectInfo__Output>): grpc.ClientUnaryCall;
  Head(argument: _bottle_v1_ObjectKey, callback: grpc.requestCallback<_bottle_v1_ObjectInfo__Output>): grpc.ClientUnaryCall;
  /**
   * What there is to know of an object. NOT_FOUND where there is none.
   */
  head(argument: _bottle_v1_ObjectKey, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ObjectInfo__Output>): grpc.ClientUnaryCall;
  head(argument: _bottle_v1_ObjectKey, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_ObjectInfo__Output>): grpc.ClientUnaryCall;
  head(argument: _bottle_v1_ObjectKey, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ObjectInfo__Output>): grpc.ClientUnaryCall;
  head(argument: _bottle_v1_ObjectKey, callback: grpc.requestCallback<_bottle_v1_ObjectInfo__Output>): grpc.ClientUnaryCall;
  
  /**
   * Objects in the order of their keys' bytes, a page at a time.
   */
  List(argument: _bottle_v1_ObjectList, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ObjectPage__Output>): grpc.ClientUnaryCall;
  List(argument: _bottle_v1_ObjectList, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_ObjectPage__Output>): grpc.ClientUnaryCall;
  List(argument: _bottle_v1_ObjectList, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ObjectPage__Output>): grpc.ClientUnaryCall;
  List(argument: _bottle_v1_ObjectList, callback: grpc.requestCallback<_bottle_v1_ObjectPage__Output>): grpc.ClientUnaryCall;
  /**
   * Objects in the order of their keys' bytes, a page at a time.
   */
  list(argument: _bottle_v1_ObjectList, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ObjectPage__Output>): grpc.ClientUnaryCall;
  list(argument: _bottle_v1_ObjectList, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_ObjectPage__Output>): grpc.ClientUnaryCall;
  list(argument: _bottle_v1_ObjectList, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ObjectPage__Output>): grpc.ClientUnaryCall;
  list(argument: _bottle_v1_ObjectList, callback: grpc.requestCallback<_bottle_v1_ObjectPage__Output>): grpc.ClientUnaryCall;
  
  /**
   * A URL with which anybody can do one thing, for a while. UNIMPLEMENTED where the driver has none.
   */
  Presign(argument: _bottle_v1_ObjectPresign, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ObjectUrl__Output>): grpc.ClientUnaryCall;
  Presign(argument: _bottle_v1_ObjectPresign, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_ObjectUrl__Output>): grpc.ClientUnaryCall;
  Presign(argument: _bottle_v1_ObjectPresign, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ObjectUrl__Output>): grpc.ClientUnaryCall;
  Presign(argument: _bottle_v1_ObjectPresign, callback: grpc.requestCallback<_bottle_v1_ObjectUrl__Output>): grpc.ClientUnaryCall;
  /**
   * A URL with which anybody can do one thing, for a while. UNIMPLEMENTED where the driver has none.
   */
  presign(argument: _bottle_v1_ObjectPresign, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ObjectUrl__Output>): grpc.ClientUnaryCall;
  presign(argument: _bottle_v1_ObjectPresign, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_ObjectUrl__Output>): grpc.ClientUnaryCall;
  presign(argument: _bottle_v1_ObjectPresign, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_ObjectUrl__Output>): grpc.ClientUnaryCall;
  presign(argument: _bottle_v1_ObjectPresign, callback: grpc.requestCallback<_bottle_v1_ObjectUrl__Output>): grpc.ClientUnaryCall;
  
  /**
   * Stores an object, or replaces it: all of it, or nothing. Up: `head`, then chunks, then `end` and half-close. Down: what
   * is stored, once.
   */
  Put(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_ObjectPutFrame, _bottle_v1_ObjectInfo__Output>;
  Put(options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_ObjectPutFrame, _bottle_v1_ObjectInfo__Output>;
  /**
   * Stores an object, or replaces it: all of it, or nothing. Up: `head`, then chunks, then `end` and half-close. Down: what
   * is stored, once.
   */
  put(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_ObjectPutFrame, _bottle_v1_ObjectInfo__Output>;
  put(options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_ObjectPutFrame, _bottle_v1_ObjectInfo__Output>;
  
}

/**
 * Bytes under names: files, pictures, exports.
 */
export interface ObjectsHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Removes an object; nothing happens when there is none.
   */
  Delete: grpc.handleUnaryCall<_bottle_v1_ObjectKey__Output, _bottle_v1_ObjectDeleted>;
  
  /**
   * An object or a part of it. Down: `head`, then chunks. NOT_FOUND where there is none.
   */
  Get: grpc.handleServerStreamingCall<_bottle_v1_ObjectGet__Output, _bottle_v1_ObjectGetFrame>;
  
  /**
   * What there is to know of an object. NOT_FOUND where there is none.
   */
  Head: grpc.handleUnaryCall<_bottle_v1_ObjectKey__Output, _bottle_v1_ObjectInfo>;
  
  /**
   * Objects in the order of their keys' bytes, a page at a time.
   */
  List: grpc.handleUnaryCall<_bottle_v1_ObjectList__Output, _bottle_v1_ObjectPage>;
  
  /**
   * A URL with which anybody can do one thing, for a while. UNIMPLEMENTED where the driver has none.
   */
  Presign: grpc.handleUnaryCall<_bottle_v1_ObjectPresign__Output, _bottle_v1_ObjectUrl>;
  
  /**
   * Stores an object, or replaces it: all of it, or nothing. Up: `head`, then chunks, then `end` and half-close. Down: what
   * is stored, once.
   */
  Put: grpc.handleBidiStreamingCall<_bottle_v1_ObjectPutFrame__Output, _bottle_v1_ObjectInfo>;
  
}

export interface ObjectsDefinition extends grpc.ServiceDefinition {
  Delete: MethodDefinition<_bottle_v1_ObjectKey, _bottle_v1_ObjectDeleted, _bottle_v1_ObjectKey__Output, _bottle_v1_ObjectDeleted__Output>
  Get: MethodDefinition<_bottle_v1_ObjectGet, _bottle_v1_ObjectGetFrame, _bottle_v1_ObjectGet__Output, _bottle_v1_ObjectGetFrame__Output>
  Head: MethodDefinition<_bottle_v1_ObjectKey, _bottle_v1_ObjectInfo, _bottle_v1_ObjectKey__Output, _bottle_v1_ObjectInfo__Output>
  List: MethodDefinition<_bottle_v1_ObjectList, _bottle_v1_ObjectPage, _bottle_v1_ObjectList__Output, _bottle_v1_ObjectPage__Output>
  Presign: MethodDefinition<_bottle_v1_ObjectPresign, _bottle_v1_ObjectUrl, _bottle_v1_ObjectPresign__Output, _bottle_v1_ObjectUrl__Output>
  Put: MethodDefinition<_bottle_v1_ObjectPutFrame, _bottle_v1_ObjectInfo, _bottle_v1_ObjectPutFrame__Output, _bottle_v1_ObjectInfo__Output>
}
