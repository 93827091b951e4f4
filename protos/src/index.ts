export {
  BottleError,
  type BottleErrorOptions,
  Code,
  codeOfHttpStatus,
  codeOfStatus,
  fromWireError,
  GRPC_STATUS,
  HTTP_STATUS,
  RETRYABLE,
  toWireError,
} from './errors.ts';
export { BatchedCaller, type BatchedCallerLimits, type PendingCall, type Settled } from './channel/batched-caller.ts';
export type { IncomingCall } from './channel/batched-responder.ts';
export { addHealthService, type Health } from './channel/health.ts';
export { CHANNEL_OPTIONS } from './channel/grpc-options.ts';
export { Link, type LinkHandlers, type Peer } from './channel/link.ts';
export { type Abilities, DEFAULT_BODY_THRESHOLD_BYTES, negotiate, PROTOCOL } from './channel/negotiation.ts';
export { serveBatches, type Session } from './channel/serve-batches.ts';
export { type BoundSocket, bindSocketFile } from './channel/socket-file.ts';
export { WriteFlow } from './channel/write-flow.ts';
export type { BottleClient, BottleHandlers } from './generated/bottle/v1/Bottle.ts';
export type { Function__Output as FunctionInfo } from './generated/bottle/v1/Function.ts';
export type { FunctionRuntimeClient, FunctionRuntimeHandlers } from './generated/bottle/v1/FunctionRuntime.ts';
export type { FunctionState } from './generated/bottle/v1/FunctionState.ts';
export type { FunctionTable, FunctionTable__Output } from './generated/bottle/v1/FunctionTable.ts';
export type { HttpRequest__Output } from './generated/bottle/v1/HttpRequest.ts';
export type { Request, Request__Output } from './generated/bottle/v1/Request.ts';
export type { Response, Response__Output } from './generated/bottle/v1/Response.ts';
export type { StreamFrame, StreamFrame__Output } from './generated/bottle/v1/StreamFrame.ts';
export { LOADER_OPTIONS, loadProtos, PROTO_DIR, PROTO_FILES } from './load.ts';
export { loadServices, type Services } from './services.ts';
export { type Codecs, createCodecs } from './wire/codec.ts';
