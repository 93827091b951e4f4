// Original file: bottle/v1/channel.proto

/**
 * What started an invocation.
 */
export const TriggerKind = {
  /**
   * Not an invocation: a bottle call.
   */
  TRIGGER_KIND_UNSPECIFIED: 'TRIGGER_KIND_UNSPECIFIED',
  /**
   * An HTTP request; `Request.http` is set.
   */
  TRIGGER_KIND_HTTP: 'TRIGGER_KIND_HTTP',
  /**
   * A direct invocation with an event as its body: CLI, admin port, another function.
   */
  TRIGGER_KIND_EVENT: 'TRIGGER_KIND_EVENT',
  /**
   * A message of a queue, or several of them.
   */
  TRIGGER_KIND_MQ: 'TRIGGER_KIND_MQ',
  /**
   * A tick of a schedule.
   */
  TRIGGER_KIND_TIMER: 'TRIGGER_KIND_TIMER',
  /**
   * A call of a gRPC method.
   */
  TRIGGER_KIND_RPC: 'TRIGGER_KIND_RPC',
  /**
   * A CloudEvent.
   */
  TRIGGER_KIND_CLOUDEVENT: 'TRIGGER_KIND_CLOUDEVENT',
  /**
   * A request of the signed gateway.
   */
  TRIGGER_KIND_GATEWAY: 'TRIGGER_KIND_GATEWAY',
} as const;

/**
 * What started an invocation.
 */
export type TriggerKind =
  /**
   * Not an invocation: a bottle call.
   */
  | 'TRIGGER_KIND_UNSPECIFIED'
  | 0
  /**
   * An HTTP request; `Request.http` is set.
   */
  | 'TRIGGER_KIND_HTTP'
  | 1
  /**
   * A direct invocation with an event as its body: CLI, admin port, another function.
   */
  | 'TRIGGER_KIND_EVENT'
  | 2
  /**
   * A message of a queue, or several of them.
   */
  | 'TRIGGER_KIND_MQ'
  | 3
  /**
   * A tick of a schedule.
   */
  | 'TRIGGER_KIND_TIMER'
  | 4
  /**
   * A call of a gRPC method.
   */
  | 'TRIGGER_KIND_RPC'
  | 5
  /**
   * A CloudEvent.
   */
  | 'TRIGGER_KIND_CLOUDEVENT'
  | 6
  /**
   * A request of the signed gateway.
   */
  | 'TRIGGER_KIND_GATEWAY'
  | 7

/**
 * What started an invocation.
 */
export type TriggerKind__Output = typeof TriggerKind[keyof typeof TriggerKind]
