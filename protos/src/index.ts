export {
  BottleError,
  type BottleErrorOptions,
  CallError,
  type CallOutcome,
  Code,
  codeOfHttpStatus,
  codeOfStatus,
  fromWireError,
  GRPC_STATUS,
  HTTP_STATUS,
  LASTING_REASONS,
  saysResourceIsAway,
  RETRYABLE,
  toWireError,
} from './errors.ts';
export {
  BatchedCaller,
  type BatchedCallerLimits,
  type CallProgress,
  type PendingCall,
  type Settled,
} from './channel/batched-caller.ts';
export { IdTable, type TableEntry } from './channel/id-table.ts';
export type { IncomingCall } from './channel/batched-responder.ts';
export { addHealthService, type Health } from './channel/health.ts';
export {
  type AnyMethod,
  CAPABILITY_NAMES,
  type CapabilityDefinitions,
  type CapabilityName,
  definitionOf,
  functionsDefinition,
  loadServiceDefinition,
} from './capabilities.ts';
export type { MessageStream } from './channel/message-stream.ts';
export { errorOfStatus, failStream, statusOfError } from './channel/call-errors.ts';
export { BATCHES, hasBatches, type InBatches } from './item-batches.ts';
export { callMessages } from './channel/call-messages.ts';
export { framesUntilEnd } from './channel/frames-until-end.ts';
export {
  boundStreamResets,
  CHANNEL_OPTIONS,
  createSocketServer,
  OUTER_STREAM_RESETS,
} from './channel/grpc-options.ts';
export { SILENCES_OF_A_STUCK_PROCESS } from './channel/heartbeat.ts';
export { Link, type LinkHandlers, type Peer } from './channel/link.ts';
export {
  type Abilities,
  BATCHED_CALLS,
  PLACES,
  DEFAULT_BODY_THRESHOLD_BYTES,
  negotiate,
  PROTOCOL,
  TAKEN,
} from './channel/negotiation.ts';
export { receivedMessages } from './channel/received-messages.ts';
export { serveBatches, type Session } from './channel/serve-batches.ts';
export { type BoundSocket, bindSocketFile } from './channel/socket-file.ts';
export { type RequestDecoder, requestDecoders } from './request-decoders.ts';
export { describeTriggers } from './describe-triggers.ts';
export { createYoungGarbage } from './channel/young-garbage.ts';
export { WriteFlow } from './channel/write-flow.ts';
export { VERSION } from './version.ts';
export type { BottleClient, BottleHandlers } from './generated/bottle/v1/Bottle.ts';
export type { Error__Output } from './generated/bottle/v1/Error.ts';
export type { Function__Output as FunctionInfo } from './generated/bottle/v1/Function.ts';
export type { FunctionRuntimeClient, FunctionRuntimeHandlers } from './generated/bottle/v1/FunctionRuntime.ts';
export type { CacheCommand, CacheCommand__Output } from './generated/bottle/v1/CacheCommand.ts';
export type { CacheCondition } from './generated/bottle/v1/CacheCondition.ts';
export type { CacheExpire, CacheExpire__Output } from './generated/bottle/v1/CacheExpire.ts';
export type { CacheField, CacheField__Output } from './generated/bottle/v1/CacheField.ts';
export type { CacheFieldIncrement, CacheFieldIncrement__Output } from './generated/bottle/v1/CacheFieldIncrement.ts';
export type { CacheHashSet, CacheHashSet__Output } from './generated/bottle/v1/CacheHashSet.ts';
export type { CacheIncrement, CacheIncrement__Output } from './generated/bottle/v1/CacheIncrement.ts';
export type { CacheKey, CacheKey__Output } from './generated/bottle/v1/CacheKey.ts';
export type { CacheKeys, CacheKeys__Output } from './generated/bottle/v1/CacheKeys.ts';
export type { CacheMembers, CacheMembers__Output } from './generated/bottle/v1/CacheMembers.ts';
export type { CacheMessage, CacheMessage__Output } from './generated/bottle/v1/CacheMessage.ts';
export type { CacheOperation, CacheOperation__Output } from './generated/bottle/v1/CacheOperation.ts';
export type { CachePage, CachePage__Output } from './generated/bottle/v1/CachePage.ts';
export type { CachePop, CachePop__Output } from './generated/bottle/v1/CachePop.ts';
export type { CachePush, CachePush__Output } from './generated/bottle/v1/CachePush.ts';
export type { CacheRange, CacheRange__Output } from './generated/bottle/v1/CacheRange.ts';
export type { CacheReplies, CacheReplies__Output } from './generated/bottle/v1/CacheReplies.ts';
export type { CacheReply, CacheReply__Output } from './generated/bottle/v1/CacheReply.ts';
export type { CacheResult, CacheResult__Output } from './generated/bottle/v1/CacheResult.ts';
export type { CacheResults, CacheResults__Output } from './generated/bottle/v1/CacheResults.ts';
export type { CacheScan, CacheScan__Output } from './generated/bottle/v1/CacheScan.ts';
export type { CacheScript, CacheScript__Output } from './generated/bottle/v1/CacheScript.ts';
export type { CacheSet, CacheSet__Output } from './generated/bottle/v1/CacheSet.ts';
export type { CacheSetMany, CacheSetMany__Output } from './generated/bottle/v1/CacheSetMany.ts';
export type { CacheSortedAdd, CacheSortedAdd__Output } from './generated/bottle/v1/CacheSortedAdd.ts';
export type { CacheSortedIncrement, CacheSortedIncrement__Output } from './generated/bottle/v1/CacheSortedIncrement.ts';
export type { CacheSortedMember, CacheSortedMember__Output } from './generated/bottle/v1/CacheSortedMember.ts';
export type { CacheSortedMembers, CacheSortedMembers__Output } from './generated/bottle/v1/CacheSortedMembers.ts';
export type { CacheSortedRange, CacheSortedRange__Output } from './generated/bottle/v1/CacheSortedRange.ts';
export type { CacheSortedRank, CacheSortedRank__Output } from './generated/bottle/v1/CacheSortedRank.ts';
export type { CacheSubscription, CacheSubscription__Output } from './generated/bottle/v1/CacheSubscription.ts';
export type { CacheTransaction, CacheTransaction__Output } from './generated/bottle/v1/CacheTransaction.ts';
export type { CacheValue, CacheValue__Output } from './generated/bottle/v1/CacheValue.ts';
export type { CacheValues, CacheValues__Output } from './generated/bottle/v1/CacheValues.ts';
export type { ConfigChange, ConfigChange__Output } from './generated/bottle/v1/ConfigChange.ts';
export type { ConfigEntries, ConfigEntries__Output } from './generated/bottle/v1/ConfigEntries.ts';
export type { ConfigEntry, ConfigEntry__Output } from './generated/bottle/v1/ConfigEntry.ts';
export type { ConfigKey, ConfigKey__Output } from './generated/bottle/v1/ConfigKey.ts';
export type { ConfigList, ConfigList__Output } from './generated/bottle/v1/ConfigList.ts';
export type { ConfigRevision, ConfigRevision__Output } from './generated/bottle/v1/ConfigRevision.ts';
export type { DbBatch, DbBatch__Output } from './generated/bottle/v1/DbBatch.ts';
export type { DbBegin, DbBegin__Output } from './generated/bottle/v1/DbBegin.ts';
export type { DbColumn, DbColumn__Output } from './generated/bottle/v1/DbColumn.ts';
export type { DbEnd, DbEnd__Output } from './generated/bottle/v1/DbEnd.ts';
export type { DbIsolation } from './generated/bottle/v1/DbIsolation.ts';
export type { DbResult, DbResult__Output } from './generated/bottle/v1/DbResult.ts';
export type { DbRow, DbRow__Output } from './generated/bottle/v1/DbRow.ts';
export type { DbSavepoint, DbSavepoint__Output } from './generated/bottle/v1/DbSavepoint.ts';
export type { DbStatement, DbStatement__Output } from './generated/bottle/v1/DbStatement.ts';
export type { DbTransactionAnswer, DbTransactionAnswer__Output } from './generated/bottle/v1/DbTransactionAnswer.ts';
export type { DbTransactionStep, DbTransactionStep__Output } from './generated/bottle/v1/DbTransactionStep.ts';
export type { DbValue, DbValue__Output } from './generated/bottle/v1/DbValue.ts';
export type { FunctionsDefinition } from './generated/bottle/v1/Functions.ts';
export type { HttpFetchFrame, HttpFetchFrame__Output } from './generated/bottle/v1/HttpFetchFrame.ts';
export type { HttpFetchRequest, HttpFetchRequest__Output } from './generated/bottle/v1/HttpFetchRequest.ts';
export type { HttpFetchResponse, HttpFetchResponse__Output } from './generated/bottle/v1/HttpFetchResponse.ts';
export type { LockAcquire, LockAcquire__Output } from './generated/bottle/v1/LockAcquire.ts';
export type { LockHolder, LockHolder__Output } from './generated/bottle/v1/LockHolder.ts';
export type { LockLease, LockLease__Output } from './generated/bottle/v1/LockLease.ts';
export type { LockReleased, LockReleased__Output } from './generated/bottle/v1/LockReleased.ts';
export type { MqHeader, MqHeader__Output } from './generated/bottle/v1/MqHeader.ts';
export type { MqMessage, MqMessage__Output } from './generated/bottle/v1/MqMessage.ts';
export type { MqPublish, MqPublish__Output } from './generated/bottle/v1/MqPublish.ts';
export type { MqPublished, MqPublished__Output } from './generated/bottle/v1/MqPublished.ts';
export type { MqReceipt, MqReceipt__Output } from './generated/bottle/v1/MqReceipt.ts';
export type { ObjectDeleted, ObjectDeleted__Output } from './generated/bottle/v1/ObjectDeleted.ts';
export type { ObjectGet, ObjectGet__Output } from './generated/bottle/v1/ObjectGet.ts';
export type { ObjectGetFrame, ObjectGetFrame__Output } from './generated/bottle/v1/ObjectGetFrame.ts';
export type { ObjectInfo, ObjectInfo__Output } from './generated/bottle/v1/ObjectInfo.ts';
export type { ObjectKey, ObjectKey__Output } from './generated/bottle/v1/ObjectKey.ts';
export type { ObjectList, ObjectList__Output } from './generated/bottle/v1/ObjectList.ts';
export type { ObjectPage, ObjectPage__Output } from './generated/bottle/v1/ObjectPage.ts';
export type { ObjectPresign, ObjectPresign__Output } from './generated/bottle/v1/ObjectPresign.ts';
export type { ObjectPut, ObjectPut__Output } from './generated/bottle/v1/ObjectPut.ts';
export type { ObjectPutFrame, ObjectPutFrame__Output } from './generated/bottle/v1/ObjectPutFrame.ts';
export type { ObjectUrl, ObjectUrl__Output } from './generated/bottle/v1/ObjectUrl.ts';
export type { RpcCall, RpcCall__Output } from './generated/bottle/v1/RpcCall.ts';
export type { RpcFrame, RpcFrame__Output } from './generated/bottle/v1/RpcFrame.ts';
export type { RpcMetadata, RpcMetadata__Output } from './generated/bottle/v1/RpcMetadata.ts';
export type { RpcPayload, RpcPayload__Output } from './generated/bottle/v1/RpcPayload.ts';
export type { RpcEnd, RpcEnd__Output } from './generated/bottle/v1/RpcEnd.ts';
export type { RpcReply, RpcReply__Output } from './generated/bottle/v1/RpcReply.ts';
export type { SecretKey, SecretKey__Output } from './generated/bottle/v1/SecretKey.ts';
export type { SecretKeys, SecretKeys__Output } from './generated/bottle/v1/SecretKeys.ts';
export type { SecretList, SecretList__Output } from './generated/bottle/v1/SecretList.ts';
export type { SecretValue, SecretValue__Output } from './generated/bottle/v1/SecretValue.ts';
export type { Value, Value__Output } from './generated/bottle/v1/Value.ts';
export type { CloudEventsTrigger__Output } from './generated/bottle/v1/CloudEventsTrigger.ts';
export type { GatewayTrigger__Output } from './generated/bottle/v1/GatewayTrigger.ts';
export type { Cors__Output } from './generated/bottle/v1/Cors.ts';
export type { HttpRoute__Output } from './generated/bottle/v1/HttpRoute.ts';
export type { Idempotency__Output } from './generated/bottle/v1/Idempotency.ts';
export type { MqTrigger__Output } from './generated/bottle/v1/MqTrigger.ts';
export type { RpcTrigger__Output } from './generated/bottle/v1/RpcTrigger.ts';
export type { TimerTrigger__Output } from './generated/bottle/v1/TimerTrigger.ts';
export type { TriggerKind } from './generated/bottle/v1/TriggerKind.ts';
export type { FunctionState, FunctionState__Output } from './generated/bottle/v1/FunctionState.ts';
export type { FunctionTable, FunctionTable__Output } from './generated/bottle/v1/FunctionTable.ts';
export type { HttpRequest__Output } from './generated/bottle/v1/HttpRequest.ts';
export type { Pong, Pong__Output } from './generated/bottle/v1/Pong.ts';
export type { Request, Request__Output } from './generated/bottle/v1/Request.ts';
export type { Response, Response__Output } from './generated/bottle/v1/Response.ts';
export type { Frame__Output } from './generated/bottle/v1/Frame.ts';
export type { TargetCount } from './generated/bottle/v1/TargetCount.ts';
export type { StreamFrame, StreamFrame__Output } from './generated/bottle/v1/StreamFrame.ts';
export {
  CAPABILITY_PROTO_FILES,
  EVENT_PROTO_FILE,
  LOADER_OPTIONS,
  loadProtos,
  PROTO_DIR,
  PROTO_FILES,
} from './load.ts';
export { losesDigits } from './json/loses-digits.ts';
export { parseExactJson } from './json/parse-exact-json.ts';
export { toJson } from './json/to-json.ts';
export { createLogRedaction } from './log-redaction.ts';
export { type ErrorReport, reportError } from './develop/error-report.ts';
export { loadServices, type Services } from './services.ts';
export {
  assertSwitch,
  type Switch,
  type SwitchComparison,
  type SwitchCondition,
  type SwitchIssue,
  switchIssues,
  type SwitchOutcome,
  type SwitchRule,
  type SwitchScalar,
  type SwitchShare,
} from './switches/switch.ts';
export { type Codecs, createCodecs } from './wire/codec.ts';
export {
  createMessageCodecs,
  type DeliveredMessage,
  DELIVERY_TYPE,
  type MessageCodecs,
  type MessageRecord,
  type PendingMessage,
} from './wire/mq-codec.ts';
export {
  decodeRichStatus,
  encodeRichStatus,
  type FieldViolation,
  type RichStatus,
  STATUS_DETAILS_TRAILER,
} from './wire/rich-status.ts';
export { WireReader } from './wire/wire-reader.ts';
export { decodeRpcEnd, frameEnd, frameMessage, readFrames, type RpcFramePart } from './wire/rpc-frames.ts';
export {
  EncodedSqlResult,
  type SqlAnswer,
  type SqlAnswerOutput,
  type SqlBatch,
  type SqlColumn,
  type SqlDefinition,
  type SqlIsolation,
  type SqlResult,
  type SqlStatement,
  type SqlStep,
  SqlText,
  type SqlValue,
} from './wire/database-messages.ts';
export { FairTurns } from './fair-turns.ts';
export { overloaded, type Waiter, WaitingLine, type Work } from './waiting-line.ts';
export { KnownSecrets } from './log/known-secrets.ts';
export { LogDestination } from './log/log-destination.ts';
export { type LongestTurn, LongestTurns } from './turns/longest-turns.ts';
export { watchTurns } from './turns/turn-stacks.ts';
export { untilWritten } from './until-written.ts';
export { charsetOf, decodeDocument, decodeText } from './text/decode-text.ts';
export { fieldText, percentDecoded, urlencodedFields } from './text/percent-decoding.ts';
