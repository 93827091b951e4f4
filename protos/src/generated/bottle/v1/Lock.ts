// Original file: bottle/v1/lock.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { LockAcquire as _bottle_v1_LockAcquire, LockAcquire__Output as _bottle_v1_LockAcquire__Output } from '../../bottle/v1/LockAcquire.ts';
import type { LockHolder as _bottle_v1_LockHolder, LockHolder__Output as _bottle_v1_LockHolder__Output } from '../../bottle/v1/LockHolder.ts';
import type { LockLease as _bottle_v1_LockLease, LockLease__Output as _bottle_v1_LockLease__Output } from '../../bottle/v1/LockLease.ts';
import type { LockReleased as _bottle_v1_LockReleased, LockReleased__Output as _bottle_v1_LockReleased__Output } from '../../bottle/v1/LockReleased.ts';

/**
 * Leases with fencing tokens.
 */
export interface LockClient extends grpc.Client {
  /**
   * Takes the lock, waiting for it if asked to. Without it, `acquired` is false. Who holds it already gets it again.
   */
  Acquire(argument: _bottle_v1_LockAcquire, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_LockLease__Output>): grpc.ClientUnaryCall;
  Acquire(argument: _bottle_v1_LockAcquire, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_LockLease__Output>): grpc.ClientUnaryCall;
  Acquire(argument: _bottle_v1_LockAcquire, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_LockLease__Output>): grpc.ClientUnaryCall;
  Acquire(argument: _bottle_v1_LockAcquire, callback: grpc.requestCallback<_bottle_v1_LockLease__Output>): grpc.ClientUnaryCall;
  /**
   * Takes the lock, waiting for it if asked to. Without it, `acquired` is false. Who holds it already gets it again.
   */
  acquire(argument: _bottle_v1_LockAcquire, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_LockLease__Output>): grpc.ClientUnaryCall;
  acquire(argument: _bottle_v1_LockAcquire, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_LockLease__Output>): grpc.ClientUnaryCall;
  acquire(argument: _bottle_v1_LockAcquire, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_LockLease__Output>): grpc.ClientUnaryCall;
  acquire(argument: _bottle_v1_LockAcquire, callback: grpc.requestCallback<_bottle_v1_LockLease__Output>): grpc.ClientUnaryCall;
  
  /**
   * Gives the lock back; nothing happens when it was lost.
   */
  Release(argument: _bottle_v1_LockHolder, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_LockReleased__Output>): grpc.ClientUnaryCall;
  Release(argument: _bottle_v1_LockHolder, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_LockReleased__Output>): grpc.ClientUnaryCall;
  Release(argument: _bottle_v1_LockHolder, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_LockReleased__Output>): grpc.ClientUnaryCall;
  Release(argument: _bottle_v1_LockHolder, callback: grpc.requestCallback<_bottle_v1_LockReleased__Output>): grpc.ClientUnaryCall;
  /**
   * Gives the lock back; nothing happens when it was lost.
   */
  release(argument: _bottle_v1_LockHolder, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_LockReleased__Output>): grpc.ClientUnaryCall;
  release(argument: _bottle_v1_LockHolder, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_LockReleased__Output>): grpc.ClientUnaryCall;
  release(argument: _bottle_v1_LockHolder, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_LockReleased__Output>): grpc.ClientUnaryCall;
  release(argument: _bottle_v1_LockHolder, callback: grpc.requestCallback<_bottle_v1_LockReleased__Output>): grpc.ClientUnaryCall;
  
  /**
   * Makes the lease last for its duration again, from now. `acquired` is false when it was lost.
   */
  Renew(argument: _bottle_v1_LockHolder, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_LockLease__Output>): grpc.ClientUnaryCall;
  Renew(argument: _bottle_v1_LockHolder, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_LockLease__Output>): grpc.ClientUnaryCall;
  Renew(argument: _bottle_v1_LockHolder, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_LockLease__Output>): grpc.ClientUnaryCall;
  Renew(argument: _bottle_v1_LockHolder, callback: grpc.requestCallback<_bottle_v1_LockLease__Output>): grpc.ClientUnaryCall;
  /**
   * Makes the lease last for its duration again, from now. `acquired` is false when it was lost.
   */
  renew(argument: _bottle_v1_LockHolder, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_LockLease__Output>): grpc.ClientUnaryCall;
  renew(argument: _bottle_v1_LockHolder, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_LockLease__Output>): grpc.ClientUnaryCall;
  renew(argument: _bottle_v1_LockHolder, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_LockLease__Output>): grpc.ClientUnaryCall;
  renew(argument: _bottle_v1_LockHolder, callback: grpc.requestCallback<_bottle_v1_LockLease__Output>): grpc.ClientUnaryCall;
  
}

/**
 * Leases with fencing tokens.
 */
export interface LockHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Takes the lock, waiting for it if asked to. Without it, `acquired` is false. Who holds it already gets it again.
   */
  Acquire: grpc.handleUnaryCall<_bottle_v1_LockAcquire__Output, _bottle_v1_LockLease>;
  
  /**
   * Gives the lock back; nothing happens when it was lost.
   */
  Release: grpc.handleUnaryCall<_bottle_v1_LockHolder__Output, _bottle_v1_LockReleased>;
  
  /**
   * Makes the lease last for its duration again, from now. `acquired` is false when it was lost.
   */
  Renew: grpc.handleUnaryCall<_bottle_v1_LockHolder__Output, _bottle_v1_LockLease>;
  
}

export interface LockDefinition extends grpc.ServiceDefinition {
  Acquire: MethodDefinition<_bottle_v1_LockAcquire, _bottle_v1_LockLease, _bottle_v1_LockAcquire__Output, _bottle_v1_LockLease__Output>
  Release: MethodDefinition<_bottle_v1_LockHolder, _bottle_v1_LockReleased, _bottle_v1_LockHolder__Output, _bottle_v1_LockReleased__Output>
  Renew: MethodDefinition<_bottle_v1_LockHolder, _bottle_v1_LockLease, _bottle_v1_LockHolder__Output, _bottle_v1_LockLease__Output>
}
