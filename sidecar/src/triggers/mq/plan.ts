import type { CallContext, QueueRecord } from '@bottle/capabilities';
import type { Outcome } from './outcome.ts';

/** A message for the function. */
export interface Attempt {
  readonly record: QueueRecord;
  /** 1 for the first try. */
  readonly attempt: number;
}

/** Is told what became of the message at this place. */
export type Settle = (at: number, outcome: Outcome) => void;

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
  /** Most messages of one invocation. Undefined: each message is an invocation of its own. */
  readonly batch: number | undefined;
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
  /**
   * Takes messages to the function, and settles each of them once: as a list, which is one invocation, or each by itself.
   * Resolves when all are settled, or when those that are not will be later. Never rejects.
   */
  invoke(messages: readonly Attempt[], settle: Settle, signal: AbortSignal): Promise<void>;
}

/** Names of a consumer, for metrics and logs. */
export type MqLabels = Record<'function' | 'topic' | 'group', string>;

/** What a message ended as. */
export type MqResult = 'done' | 'dead-letter' | 'dropped' | 'skipped' | 'given-up';

/** Counts what happens to the messages of one consumer. */
export interface MqCounters {
  /** A try that counted, or one that did not because it was not the message's fault. */
  tried(result: 'ok' | 'failed' | 'excused'): void;
  /** A message waits for its next try. */
  retried(): void;
  ended(result: MqResult): void;
}

/** Gives consumers their counters. */
export interface MqObserver {
  counters(labels: MqLabels): MqCounters;
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
