import type { ConfigProblem, ConfigSource } from '@bottle/config-file';

/** What Kafka allows of a topic's name. */
const MAX_TOPIC_LENGTH = 249;

interface RawConsumer {
  owner: string;
  kind: 'mq' | 'cloudevents';
  /** "functions.bill.events.0.mq", in parts. */
  at: (string | number)[];
  resource: string;
  topic: string;
  group: string;
  /** Whether the dead letters go where nobody said. */
  hasDefaultDeadLetters: boolean;
}

/**
 * Two functions that would share the messages of a topic, each getting some, and topics for dead letters that cannot be.
 * Works on data that is half wrong.
 */
export function consumerProblems(source: ConfigSource): ConfigProblem[] {
  const owners = new Map<string, RawConsumer>();
  return [...rawConsumers(source.data)].flatMap((consumer) => {
    const { owner, kind, at, resource, topic, group } = consumer;
    const key = JSON.stringify([resource, topic, group]);
    const other = owners.get(key);
    owners.set(key, other ?? consumer);
    const deadLetters = `${topic}.${group}.dead`;
    const messages: string[] = [];
    // Several `cloudevents` triggers of a function are one consumer.
    if (other && !(other.owner === owner && other.kind === kind && kind === 'cloudevents'))
      messages.push(
        `${topic} of ${resource} is consumed in the group ${group} by ${other.owner} already: each would get a part`,
      );
    if (consumer.hasDefaultDeadLetters && deadLetters.length > MAX_TOPIC_LENGTH)
      messages.push(`"${deadLetters}", for its dead letters, is longer than ${MAX_TOPIC_LENGTH} characters`);
    return messages.map((message) => ({
      ...source.locate([...at, 'topic']),
      path: [...at, 'topic'].join('.'),
      message,
    }));
  });
}

function* rawConsumers(data: unknown): Iterable<RawConsumer> {
  const { service, functions } = asRecord(data);
  const name = typeof service === 'string' ? service : asRecord(service)['name'];
  for (const [owner, spec] of Object.entries(asRecord(functions))) {
    const { events } = asRecord(spec);
    for (const [index, event] of (Array.isArray(events) ? events : []).entries()) {
      for (const kind of ['mq', 'cloudevents'] as const) {
        const trigger = asRecord(asRecord(event)[kind]);
        const { topic, group = `${String(name)}.${owner}`, deadLetter } = trigger;
        const resource = trigger['resource'] ?? (kind === 'mq' ? 'default' : undefined);
        if (typeof topic !== 'string' || typeof group !== 'string' || typeof resource !== 'string') continue;
        const id = `mq.${resource.replace(/^mq\./, '')}`;
        const at = ['functions', owner, 'events', index, kind];
        yield { owner, kind, at, resource: id, topic, group, hasDefaultDeadLetters: deadLetter === undefined };
      }
    }
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
