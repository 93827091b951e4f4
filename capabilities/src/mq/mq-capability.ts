import { BottleError, Code, type MqMessage__Output, type MqPublish__Output, type MqPublished } from '@bottle/protos';
import type { CallContext, Capability, UnaryMethod } from '../capability.ts';
import type { QueueDriver, QueueHeader, QueueMessage } from './mq-port.ts';

/** Kafka's rule for names of topics. */
const TOPIC = /^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/;
/** A year: longer delays are a mistake in a unit. */
const MAX_DELAY_MS = 366 * 86_400_000;

/** Not repeatable: a message whose acknowledgement was lost may be stored. Drivers repeat what they can do safely. */
const publish: UnaryMethod<QueueDriver, MqPublish__Output, MqPublished> = {
  kind: 'unary',
  facts: () => ({ operation: 'publish', access: 'publish', repeatable: false }),
  async serve(driver, { topic, messages }, call) {
    if (!TOPIC.test(topic)) {
      const message = `"${topic}" is not a name of a topic: expected 1 to 249 letters, digits, ".", "_" or "-"`;
      throw new BottleError(Code.INVALID_ARGUMENT, 'bad-topic', message);
    }
    if (messages.length === 0) return { receipts: [] };
    const now = Date.now();
    const tracing = tracingHeaders(call);
    const receipts = await driver.publish(
      topic,
      messages.map((message) => toQueueMessage(message, tracing, now)),
      call,
    );
    return { receipts: receipts.map(({ partition, offset }) => ({ partition, offset: String(offset) })) };
  },
};

/** Message queues. Consuming is a trigger, which a function's grant may name, too: `mq.orders:consume`. */
export const mqCapability: Capability<QueueDriver> = {
  name: 'mq',
  accesses: ['consume', 'publish'],
  methods: { publish },
};

function toQueueMessage(
  { key, value, headers, partition, delayMs, timestampMs }: MqMessage__Output,
  tracing: readonly QueueHeader[],
  now: number,
): QueueMessage {
  const delay = Number(delayMs);
  if (delay > MAX_DELAY_MS) throw new BottleError(Code.INVALID_ARGUMENT, 'bad-delay', 'the delay is over a year');
  // A message that brings its own trace context (forwarded from elsewhere) keeps it.
  const added = tracing.length === 0 || headers.some(({ name }) => name.toLowerCase() === 'traceparent') ? [] : tracing;
  return {
    key: key ?? undefined,
    value: value ?? undefined,
    headers: [
      ...headers.flatMap(({ name, value: content }) =>
        PLATFORMS_HEADER.test(name) ? [] : { name, value: content ?? undefined },
      ),
      ...added,
    ],
    partition: partition ?? undefined,
    delayMs: delay,
    timestampMs: timestampMs === '0' ? now : Number(timestampMs),
  };
}

/**
 * What the platform says of a message that was given up, or is sent again for one group. Handed on with a message's other headers
 * it would have whole groups pass the next message over, or make it look like a dead letter.
 */
const PLATFORMS_HEADER = /^bottle-(?:retry-group$|dead-letter-)/;

/** What makes the consumer's trace a part of the publisher's. */
function tracingHeaders({ traceparent, baggage }: CallContext): QueueHeader[] {
  if (traceparent === '') return [];
  const headers = [{ name: 'traceparent', value: Buffer.from(traceparent) }];
  if (baggage !== '') headers.push({ name: 'baggage', value: Buffer.from(baggage) });
  return headers;
}
