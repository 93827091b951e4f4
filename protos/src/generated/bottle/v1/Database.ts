// Original file: bottle/v1/database.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { DbBatch as _bottle_v1_DbBatch, DbBatch__Output as _bottle_v1_DbBatch__Output } from '../../bottle/v1/DbBatch.ts';
import type { DbResult as _bottle_v1_DbResult, DbResult__Output as _bottle_v1_DbResult__Output } from '../../bottle/v1/DbResult.ts';
import type { DbStatement as _bottle_v1_DbStatement, DbStatement__Output as _bottle_v1_DbStatement__Output } from '../../bottle/v1/DbStatement.ts';
import type { DbTransactionAnswer as _bottle_v1_DbTransactionAnswer, DbTransactionAnswer__Output as _bottle_v1_DbTransactionAnswer__Output } from '../../bottle/v1/DbTransactionAnswer.ts';
import type { DbTransactionStep as _bottle_v1_DbTransactionStep, DbTransactionStep__Output as _bottle_v1_DbTransactionStep__Output } from '../../bottle/v1/DbTransactionStep.ts';

/**
 * A relational database. Values never become part of the statement's text.
 */
export interface DatabaseClient extends grpc.Client {
  /**
   * One statement for many rows of parameters, in one transaction.
   */
  Batch(argument: _bottle_v1_DbBatch, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_DbResult__Output>): grpc.ClientUnaryCall;
  Batch(argument: _bottle_v1_DbBatch, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_DbResult__Output>): grpc.ClientUnaryCall;
  Batch(argument: _bottle_v1_DbBatch, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_DbResult__Output>): grpc.ClientUnaryCall;
  Batch(argument: _bottle_v1_DbBatch, callback: grpc.requestCallback<_bottle_v1_DbResult__Output>): grpc.ClientUnaryCall;
  /**
   * One statement for many rows of parameters, in one transaction.
   */
  batch(argument: _bottle_v1_DbBatch, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_DbResult__Output>): grpc.ClientUnaryCall;
  batch(argument: _bottle_v1_DbBatch, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_DbResult__Output>): grpc.ClientUnaryCall;
  batch(argument: _bottle_v1_DbBatch, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_DbResult__Output>): grpc.ClientUnaryCall;
  batch(argument: _bottle_v1_DbBatch, callback: grpc.requestCallback<_bottle_v1_DbResult__Output>): grpc.ClientUnaryCall;
  
  /**
   * One statement, its whole answer at once. More than the resource's `maxRows` fails: use Query.
   */
  Execute(argument: _bottle_v1_DbStatement, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_DbResult__Output>): grpc.ClientUnaryCall;
  Execute(argument: _bottle_v1_DbStatement, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_DbResult__Output>): grpc.ClientUnaryCall;
  Execute(argument: _bottle_v1_DbStatement, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_DbResult__Output>): grpc.ClientUnaryCall;
  Execute(argument: _bottle_v1_DbStatement, callback: grpc.requestCallback<_bottle_v1_DbResult__Output>): grpc.ClientUnaryCall;
  /**
   * One statement, its whole answer at once. More than the resource's `maxRows` fails: use Query.
   */
  execute(argument: _bottle_v1_DbStatement, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_DbResult__Output>): grpc.ClientUnaryCall;
  execute(argument: _bottle_v1_DbStatement, metadata: grpc.Metadata, callback: grpc.requestCallback<_bottle_v1_DbResult__Output>): grpc.ClientUnaryCall;
  execute(argument: _bottle_v1_DbStatement, options: grpc.CallOptions, callback: grpc.requestCallback<_bottle_v1_DbResult__Output>): grpc.ClientUnaryCall;
  execute(argument: _bottle_v1_DbStatement, callback: grpc.requestCallback<_bottle_v1_DbResult__Output>): grpc.ClientUnaryCall;
  
  /**
   * One statement whose rows stream: the first message has the columns, the last one the counts.
   */
  Query(argument: _bottle_v1_DbStatement, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_bottle_v1_DbResult__Output>;
  Query(argument: _bottle_v1_DbStatement, options?: grpc.CallOptions): grpc.ClientReadableStream<_bottle_v1_DbResult__Output>;
  /**
   * One statement whose rows stream: the first message has the columns, the last one the counts.
   */
  query(argument: _bottle_v1_DbStatement, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_bottle_v1_DbResult__Output>;
  query(argument: _bottle_v1_DbStatement, options?: grpc.CallOptions): grpc.ClientReadableStream<_bottle_v1_DbResult__Output>;
  
  /**
   * A transaction lives as long as this call. It is rolled back when the call ends without a commit: cancelled,
   * broken off, or closed.
   */
  Transaction(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_DbTransactionStep, _bottle_v1_DbTransactionAnswer__Output>;
  Transaction(options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_DbTransactionStep, _bottle_v1_DbTransactionAnswer__Output>;
  /**
   * A transaction lives as long as this call. It is rolled back when the call ends without a commit: cancelled,
   * broken off, or closed.
   */
  transaction(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_DbTransactionStep, _bottle_v1_DbTransactionAnswer__Output>;
  transaction(options?: grpc.CallOptions): grpc.ClientDuplexStream<_bottle_v1_DbTransactionStep, _bottle_v1_DbTransactionAnswer__Output>;
  
}

/**
 * A relational database. Values never become part of the statement's text.
 */
export interface DatabaseHandlers extends grpc.UntypedServiceImplementation {
  /**
   * One statement for many rows of parameters, in one transaction.
   */
  Batch: grpc.handleUnaryCall<_bottle_v1_DbBatch__Output, _bottle_v1_DbResult>;
  
  /**
   * One statement, its whole answer at once. More than the resource's `maxRows` fails: use Query.
   */
  Execute: grpc.handleUnaryCall<_bottle_v1_DbStatement__Output, _bottle_v1_DbResult>;
  
  /**
   * One statement whose rows stream: the first message has the columns, the last one the counts.
   */
  Query: grpc.handleServerStreamingCall<_bottle_v1_DbStatement__Output, _bottle_v1_DbResult>;
  
  /**
   * A transaction lives as long as this call. It is rolled back when the call ends without a commit: cancelled,
   * broken off, or closed.
   */
  Transaction: grpc.handleBidiStreamingCall<_bottle_v1_DbTransactionStep__Output, _bottle_v1_DbTransactionAnswer>;
  
}

export interface DatabaseDefinition extends grpc.ServiceDefinition {
  Batch: MethodDefinition<_bottle_v1_DbBatch, _bottle_v1_DbResult, _bottle_v1_DbBatch__Output, _bottle_v1_DbResult__Output>
  Execute: MethodDefinition<_bottle_v1_DbStatement, _bottle_v1_DbResult, _bottle_v1_DbStatement__Output, _bottle_v1_DbResult__Output>
  Query: MethodDefinition<_bottle_v1_DbStatement, _bottle_v1_DbResult, _bottle_v1_DbStatement__Output, _bottle_v1_DbResult__Output>
  Transaction: MethodDefinition<_bottle_v1_DbTransactionStep, _bottle_v1_DbTransactionAnswer, _bottle_v1_DbTransactionStep__Output, _bottle_v1_DbTransactionAnswer__Output>
}
