import type { CallContext, QueueRecord } from '@bottle/capabilities';
import type { Outcome } from './outcome.ts';

/** A message for the function, and which try this is. */
export interface Attempt {
  record: QueueRecord;
  /** 1 for the first one. */
  attempt: number;
}

/** One consumer: what it reads, as whom, and what it does with the messages. */
export interface MqPlan {
  /** Function, resource, topic and group: one consumer for each. */
  readonly id: string;
  readonly functionName: string;
  /** The `mq` resource, without its capability. */
  readonly resource: string;
  readonly topic: string;
  readonly group: string;
  readonly fromBeginning: boolean;
  /** Most messages of one invocation. */
  readonly batch: number;
  /** Longest wait for a batch to fill, in milliseconds. */
  readonly batchWaitMs: number;
  /** Most invocations under way. */
  readonly concurrency: number;
  /** How often a message is tried before it becomes a dead letter. */
  readonly attempts: number;
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
  /** Empty: none; what is tried often enough is dropped. */
  readonly deadLetterTopic: string;
  /** Whether the function can be invoked, as its own state has it. */
  readonly isReady: boolean;
  /** Takes messages to the function; answers what became of each, in order. Never rejects. */
  invoke(messages: readonly Attempt[], signal: AbortSignal): Promise<readonly Outcome[]>;
}

/** Names of a consumer, for metrics and logs. */
export type MqLabels = Record<'function' | 'topic' | 'group', string>;

/** What a message ended as. */
export type MqResult = 'done' | 'dead-letter' | 'dropped' | 'skipped' | 'given-up';

/** Is told what happens, for metrics. */
export interface MqObserver {
  /** One try that counted, or one that did not because it was not the message's fault. */
  tried(labels: MqLabels, result: 'ok' | 'failed' | 'excused'): void;
  /** It waits for its next try. */
  retried(labels: MqLabels): void;
  ended(labels: MqLabels, result: MqResult): void;
}

export interface MqLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export function labelsOf({ functionName, topic, group }: MqPlan): MqLabels {
  return { function: functionName, topic, group };
}

/** A publish by the platform itself. */
export function ownCall(resource: string, signal: AbortSignal): CallContext {
  return {
    resource,
    caller: '',
    invocationId: '',
    traceparent: '',
    baggage: '',
    readOnly: false,
    timeoutMs: 0,
    signal,
  };
}
