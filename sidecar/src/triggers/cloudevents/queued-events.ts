import type { BottleError, CloudEventsTrigger__Output } from '@bottle/protos';
import type { CarryEvent } from '../../event-invocation.ts';
import { deliverEvent } from './deliver-event.ts';
import { wants } from './event-filter.ts';
import { type EventJudge, loadEventJudge } from './event-judge.ts';
import { invalidEvent } from './json-event.ts';
import { type KafkaEventMessage, parseKafkaEvent } from './kafka-event.ts';

/** A message of a topic that `cloudevents` triggers of one function read as one group. */
interface QueuedMessage extends KafkaEventMessage {
  topic: string;
  group: string;
  partition: number;
  offset: bigint;
  /** 1 for the first try. */
  attempt: number;
}

export interface QueuedEventsOptions {
  carryEvent: CarryEvent;
  /** What became of one message. */
  observe(functionName: string, outcome: 'ok' | 'failed' | 'skipped'): void;
}

/** Takes a message to the function that wants it. Answers why it failed; undefined: it is done, or nobody wants it. */
export type DeliverQueued = (
  functionName: string,
  triggers: readonly CloudEventsTrigger__Output[],
  message: QueuedMessage,
  signal: AbortSignal,
) => Promise<BottleError | undefined>;

/** CloudEvents from queues. A message that is no valid event fails with INVALID_ARGUMENT: trying again would not help. */
export function createQueuedEvents({ carryEvent, observe }: QueuedEventsOptions): DeliverQueued {
  let judging: Promise<EventJudge> | undefined;
  return async (functionName, triggers, message, signal) => {
    judging ??= loadEventJudge();
    const judge = await judging;
    const parsed = parseKafkaEvent(message);
    const complaints = judge(parsed);
    if (complaints.length > 0) {
      observe(functionName, 'failed');
      return invalidEvent(complaints);
    }
    const trigger = triggers.find((each) => wants(each, parsed.event));
    if (!trigger) {
      observe(functionName, 'skipped');
      return undefined;
    }
    const header = (name: string): string | undefined => headerOf(message, name);
    const arrival = {
      invocationId: undefined,
      traceparent: header('traceparent') ?? '',
      baggage: header('baggage') ?? '',
      timeoutMs: 0,
      header,
      attributes: attributesOf(message),
      signal,
    };
    const { error } = await deliverEvent(parsed.event, { functionName, trigger }, arrival, { carryEvent, judge });
    observe(functionName, error ? 'failed' : 'ok');
    return error;
  };
}

function attributesOf({ topic, group, partition, offset, attempt }: QueuedMessage): string[] {
  const values = { topic, group, partition, offset, attempt };
  return Object.entries(values).flatMap(([name, value]) => [name, String(value)]);
}

function headerOf({ headers }: QueuedMessage, wanted: string): string | undefined {
  const found = headers.findLast(({ name }) => name.toLowerCase() === wanted);
  return found?.value && Buffer.from(found.value).toString();
}
