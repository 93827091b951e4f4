import type { QueueRecord } from '@bottle/capabilities';
import {
  BottleError,
  createMessageCodecs,
  fromWireError,
  type MessageCodecs,
  type MqTrigger__Output,
  type Response,
} from '@bottle/protos';
import type { CarryEvent } from '../../event-invocation.ts';
import { idempotencyOf } from '../../idempotency-key.ts';
import { headerText } from './dead-letter-headers.ts';
import { DONE, type Outcome, outcomeOf } from './outcome.ts';
import type { Attempt } from './plan.ts';

const CONTENT_TYPE = 'application/x-protobuf';

export interface FunctionDeliveryOptions {
  carryEvent: CarryEvent;
  functionName: string;
  trigger: MqTrigger__Output;
}

/** Takes messages to the function of an `mq` trigger: one by itself, or a list where it asks for batches. */
export function createFunctionDelivery({ carryEvent, functionName, trigger }: FunctionDeliveryOptions) {
  const codecs = createMessageCodecs();
  const { topic, group, batch, idempotency } = trigger;
  const attributes = ['topic', topic, 'group', group];
  const event = {
    function: functionName,
    contentType: CONTENT_TYPE,
    timeoutMs: 0,
    caller: '',
    trigger: 'TRIGGER_KIND_MQ' as const,
  };

  async function invokeOne({ record, attempt }: Attempt, signal: AbortSignal): Promise<Outcome> {
    const { headers, key, value } = record;
    await carryEvent({
      ...event,
      body: codecs.encodeDelivery({ topic, list: false, records: [{ ...record, attempt }] }),
      traceparent: headers.length === 0 ? '' : (headerText(headers, 'traceparent') ?? ''),
      baggage: headers.length === 0 ? '' : (headerText(headers, 'baggage') ?? ''),
      attributes: [...attributes, 'attempt', String(attempt)],
      idempotency: idempotencyOf(idempotency, {
        scope: `${topic}/${group}`,
        payload: value ?? Buffer.alloc(0),
        key,
        header: (name) => headerText(headers, name),
        attributes,
      }),
      signal,
    });
    return DONE;
  }

  async function invokeList(messages: readonly Attempt[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const records = messages.map(({ record, attempt }) => ({ ...record, attempt }));
    const response = await carryEvent({
      ...event,
      body: codecs.encodeDelivery({ topic, list: true, records }),
      ...commonTrace(messages.map(({ record }) => record)),
      attributes,
      signal,
    });
    return outcomesOf(messages.length, response, codecs);
  }

  return async (messages: readonly Attempt[], signal: AbortSignal): Promise<readonly Outcome[]> => {
    try {
      const [only] = messages;
      if (batch === 0 && only) return [await invokeOne(only, signal)];
      return await invokeList(messages, signal);
    } catch (thrown) {
      const outcome = outcomeOf(BottleError.from(thrown));
      return messages.map(() => outcome);
    }
  };
}

/** All are done but those that the answer names. */
function outcomesOf(count: number, { body }: Response, codecs: MessageCodecs): readonly Outcome[] {
  const outcomes = Array.from({ length: count }, () => DONE);
  if (!body || body.length === 0) return outcomes;
  for (const { index, error } of codecs.decodeFailures(body as Buffer)) outcomes[index] = outcomeOf(fromWireError(error));
  return outcomes;
}

/** A list belongs to a trace when all of its messages do. */
function commonTrace(records: readonly QueueRecord[]): { traceparent: string; baggage: string } {
  const [first, ...others] = records;
  const traceparent = first && headerText(first.headers, 'traceparent');
  if (!first || !traceparent) return { traceparent: '', baggage: '' };
  if (others.some(({ headers }) => headerText(headers, 'traceparent') !== traceparent)) {
    return { traceparent: '', baggage: '' };
  }
  return { traceparent, baggage: headerText(first.headers, 'baggage') ?? '' };
}
