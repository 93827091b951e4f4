import type { QueueRecord } from '@bottle/capabilities';
import { BottleError, createMessageCodecs, DELIVERY_TYPE, fromWireError, type MqTrigger__Output } from '@bottle/protos';
import type { CarryEvent } from '../../event-invocation.ts';
import { idempotencyOf } from '../../idempotency-key.ts';
import { headerText } from './dead-letter-headers.ts';
import { DONE, type Outcome, outcomeOf } from './outcome.ts';
import type { Attempt, MqPlan, Settle } from './plan.ts';

export interface FunctionDeliveryOptions {
  carryEvent: CarryEvent;
  /** The first of so many ids of invocations that count up. */
  nextIds(count: number): string;
  functionName: string;
  trigger: MqTrigger__Output;
}

/**
 * Takes messages to the function of an `mq` trigger: as a list where it asks for batches; otherwise those that begin at
 * the same time in one request, each with an invocation of its own.
 */
export function createFunctionDelivery(options: FunctionDeliveryOptions): MqPlan['invoke'] {
  const { carryEvent, nextIds, functionName, trigger } = options;
  const codecs = createMessageCodecs();
  const { topic, group, batch, idempotency } = trigger;
  const attributes = ['topic', topic, 'group', group];
  const event = {
    function: functionName,
    timeoutMs: 0,
    caller: '',
    traceparent: '',
    baggage: '',
    trigger: 'TRIGGER_KIND_MQ' as const,
  };

  async function invokeList(messages: readonly Attempt[], signal: AbortSignal): Promise<(Outcome | undefined)[]> {
    const { body } = await carryEvent({
      ...event,
      ...commonTrace(messages.map(({ record }) => record)),
      contentType: DELIVERY_TYPE.list,
      body: codecs.encodeDelivery({ topic, messages }),
      attributes,
      signal,
    });
    return outcomesOf(messages.length, body as Buffer | undefined);
  }

  /** Each message has headers, a trace and an attempt of its own: the function container looks at them. */
  async function invokePack(messages: readonly Attempt[], settle: Settle, signal: AbortSignal): Promise<void> {
    const id = nextIds(messages.length);
    const { body } = await carryEvent({
      ...event,
      id,
      contentType: DELIVERY_TYPE.pack,
      body: codecs.encodeDelivery({ topic, messages }),
      attributes,
      places: messages.length,
      signal,
    });
    const outcomes = outcomesOf(messages.length, body as Buffer | undefined);
    for (const [at, outcome] of outcomes.entries()) {
      if (outcome) settle(at, outcome);
      else void untilEnded(id, at, signal).then((ended) => settle(at, ended));
    }
  }

  /** A message that had not ended when its pack was answered. */
  async function untilEnded(of: string, index: number, signal: AbortSignal): Promise<Outcome> {
    try {
      const { body } = await carryEvent({
        ...event,
        contentType: DELIVERY_TYPE.pack,
        body: codecs.encodeDelivery({ topic, messages: [], pending: { of, index } }),
        attributes,
        isUnderWay: true,
        signal,
      });
      return outcomesOf(1, body as Buffer | undefined)[0] ?? DONE;
    } catch (thrown) {
      const outcome = outcomeOf(BottleError.from(thrown));
      // Whoever does not know of it is another process: the one that ran it is gone.
      return outcome.kind === 'excused' ? { ...outcome, hasCrashed: true } : outcome;
    }
  }

  /** A repeat gets the answer of the first one, so the answer is that to this message. */
  async function invokeOnce({ record, attempt }: Attempt, signal: AbortSignal): Promise<Outcome> {
    const { headers, key, value } = record;
    try {
      await carryEvent({
        ...event,
        contentType: DELIVERY_TYPE.one,
        body: codecs.encodeDelivery({ topic, messages: [{ record, attempt }] }),
        traceparent: headerText(headers, 'traceparent') ?? '',
        baggage: headerText(headers, 'baggage') ?? '',
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
    } catch (thrown) {
      return outcomeOf(BottleError.from(thrown));
    }
  }

  /** What became of each message; undefined: it has not ended. */
  function outcomesOf(count: number, body: Buffer | undefined): (Outcome | undefined)[] {
    const outcomes: (Outcome | undefined)[] = Array.from({ length: count }, () => DONE);
    if (!body || body.length === 0) return outcomes;
    for (const { index, error } of codecs.decodeFailures(body)) {
      outcomes[index] = error ? outcomeOf(fromWireError(error)) : undefined;
    }
    return outcomes;
  }

  return async (messages, settle, signal) => {
    try {
      if (batch > 0) {
        const outcomes = await invokeList(messages, signal);
        for (const [at, outcome] of outcomes.entries()) settle(at, outcome ?? DONE);
      } else if (idempotency) {
        await Promise.all(messages.map(async (message, at) => settle(at, await invokeOnce(message, signal))));
      } else {
        await invokePack(messages, settle, signal);
      }
    } catch (thrown) {
      const outcome = outcomeOf(BottleError.from(thrown));
      for (const at of messages.keys()) settle(at, outcome);
    }
  };
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
