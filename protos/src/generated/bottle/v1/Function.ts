// Original file: bottle/v1/channel.proto

import type { FunctionState as _bottle_v1_FunctionState, FunctionState__Output as _bottle_v1_FunctionState__Output } from '../../bottle/v1/FunctionState.ts';
import type { HttpRoute as _bottle_v1_HttpRoute, HttpRoute__Output as _bottle_v1_HttpRoute__Output } from '../../bottle/v1/HttpRoute.ts';
import type { MqTrigger as _bottle_v1_MqTrigger, MqTrigger__Output as _bottle_v1_MqTrigger__Output } from '../../bottle/v1/MqTrigger.ts';
import type { TimerTrigger as _bottle_v1_TimerTrigger, TimerTrigger__Output as _bottle_v1_TimerTrigger__Output } from '../../bottle/v1/TimerTrigger.ts';
import type { RpcTrigger as _bottle_v1_RpcTrigger, RpcTrigger__Output as _bottle_v1_RpcTrigger__Output } from '../../bottle/v1/RpcTrigger.ts';
import type { CloudEventsTrigger as _bottle_v1_CloudEventsTrigger, CloudEventsTrigger__Output as _bottle_v1_CloudEventsTrigger__Output } from '../../bottle/v1/CloudEventsTrigger.ts';
import type { GatewayTrigger as _bottle_v1_GatewayTrigger, GatewayTrigger__Output as _bottle_v1_GatewayTrigger__Output } from '../../bottle/v1/GatewayTrigger.ts';

/**
 * One function, as the sidecar has to know it.
 */
export interface Function {
  /**
   * As serverless.yml calls it.
   */
  'name'?: (string);
  /**
   * `file.export`, for people.
   */
  'handler'?: (string);
  /**
   * Whether it takes invocations.
   */
  'state'?: (_bottle_v1_FunctionState);
  /**
   * Why it is not ready, for FUNCTION_STATE_FAILED.
   */
  'stateReason'?: (string);
  /**
   * Until the response head must have been sent.
   */
  'timeoutMs'?: (number);
  /**
   * Most invocations under way at once in this pod.
   */
  'concurrency'?: (number);
  /**
   * The author says that running it twice does no harm: safe requests may be sent again after a crash.
   */
  'idempotent'?: (boolean);
  /**
   * The HTTP requests it answers.
   */
  'http'?: (_bottle_v1_HttpRoute)[];
  /**
   * What its bottle calls may reach: "cache.sessions", "db.shop:read". Only binding with `uses_declared`.
   */
  'uses'?: (string)[];
  /**
   * The author wrote a `uses` list, be it empty.
   */
  'usesDeclared'?: (boolean);
  /**
   * The messages it consumes.
   */
  'mq'?: (_bottle_v1_MqTrigger)[];
  /**
   * The schedules that start it.
   */
  'timers'?: (_bottle_v1_TimerTrigger)[];
  /**
   * The gRPC methods it answers.
   */
  'rpc'?: (_bottle_v1_RpcTrigger)[];
  /**
   * The CloudEvents it takes.
   */
  'cloudEvents'?: (_bottle_v1_CloudEventsTrigger)[];
  /**
   * The APIs of the signed gateway that it answers.
   */
  'gateway'?: (_bottle_v1_GatewayTrigger)[];
  /**
   * Why it is not ready, as Error.report_json; while somebody develops.
   */
  'stateReportJson'?: (string);
}

/**
 * One function, as the sidecar has to know it.
 */
export interface Function__Output {
  /**
   * As serverless.yml calls it.
   */
  'name': (string);
  /**
   * `file.export`, for people.
   */
  'handler': (string);
  /**
   * Whether it takes invocations.
   */
  'state': (_bottle_v1_FunctionState__Output);
  /**
   * Why it is not ready, for FUNCTION_STATE_FAILED.
   */
  'stateReason': (string);
  /**
   * Until the response head must have been sent.
   */
  'timeoutMs': (number);
  /**
   * Most invocations under way at once in this pod.
   */
  'concurrency': (number);
  /**
   * The author says that running it twice does no harm: safe requests may be sent again after a crash.
   */
  'idempotent': (boolean);
  /**
   * The HTTP requests it answers.
   */
  'http': (_bottle_v1_HttpRoute__Output)[];
  /**
   * What its bottle calls may reach: "cache.sessions", "db.shop:read". Only binding with `uses_declared`.
   */
  'uses': (string)[];
  /**
   * The author wrote a `uses` list, be it empty.
   */
  'usesDeclared': (boolean);
  /**
   * The messages it consumes.
   */
  'mq': (_bottle_v1_MqTrigger__Output)[];
  /**
   * The schedules that start it.
   */
  'timers': (_bottle_v1_TimerTrigger__Output)[];
  /**
   * The gRPC methods it answers.
   */
  'rpc': (_bottle_v1_RpcTrigger__Output)[];
  /**
   * The CloudEvents it takes.
   */
  'cloudEvents': (_bottle_v1_CloudEventsTrigger__Output)[];
  /**
   * The APIs of the signed gateway that it answers.
   */
  'gateway': (_bottle_v1_GatewayTrigger__Output)[];
  /**
   * Why it is not ready, as Error.report_json; while somebody develops.
   */
  'stateReportJson': (string);
}
