import type { Counter, MetricsRegistry } from './metrics-registry.ts';

type ConsumerLabels = Record<'function' | 'topic' | 'group', string>;

/** How one consumer stands. */
export interface MqGauge {
  labels: ConsumerLabels;
  /** It is a member of its group. */
  joined: boolean;
  /** Invocations under way. */
  running: number;
  partitions: readonly {
    partition: number;
    /** Messages that the group has yet to finish. */
    lag: number;
    /** Messages that were fetched and are not finished. */
    unfinished: number;
    /** When the oldest of those was published, in milliseconds since 1970. */
    oldestMs: number | undefined;
    /** A batch that cannot be read, where the partition stands still. */
    broken?: object | undefined;
    /** A dead letter that cannot be written, which the partition waits for. */
    held?: object | undefined;
  }[];
}

/** Counts what becomes of the messages of one consumer. */
interface MqCounters {
  tried(result: 'ok' | 'failed' | 'excused'): void;
  retried(): void;
  ended(result: string): void;
}

export interface MqMetrics {
  counters(labels: ConsumerLabels): MqCounters;
}

/** Counters and gauges of the `mq` triggers. */
export function addMqMetrics(registry: MetricsRegistry, consumers: () => Iterable<MqGauge>): MqMetrics {
  const tries = registry.counters(
    'bottle_mq_attempts_total',
    'Tries of messages: ok, failed, or excused because it was not the message’s fault.',
  );
  const retries = registry.counters('bottle_mq_retries_total', 'Failed tries after which the message is tried again.');
  const ends = registry.counters(
    'bottle_mq_messages_total',
    'Messages that are over with: done, dead-letter, dropped, skipped or given-up.',
  );
  addMqGauges(registry, consumers);
  return {
    counters(labels) {
      const tried = new Map<string, Counter>();
      const ended = new Map<string, Counter>();
      const retried = retries(labels);
      // A look into the registry for each message would cost more than the message.
      const child = (known: Map<string, Counter>, all: typeof tries, result: string): Counter => {
        let counter = known.get(result);
        if (!counter) known.set(result, (counter = all({ ...labels, result })));
        return counter;
      };
      return {
        tried: (result) => child(tried, tries, result).add(),
        retried: () => retried.add(),
        ended: (result) => child(ended, ends, result).add(),
      };
    },
  };
}

function addMqGauges(registry: MetricsRegistry, consumers: () => Iterable<MqGauge>): void {
  const gauge = (name: string, help: string, valueOf: (consumer: MqGauge) => number): void =>
    registry.gauge(name, help, () => [...consumers()].map((each) => ({ labels: each.labels, value: valueOf(each) })));
  const byPartition = (
    name: string,
    help: string,
    valueOf: (partition: MqGauge['partitions'][number]) => number,
  ): void =>
    registry.gauge(name, help, () =>
      [...consumers()].flatMap(({ labels, partitions }) =>
        partitions.map((each) => ({ labels: { ...labels, partition: String(each.partition) }, value: valueOf(each) })),
      ),
    );
  byPartition('bottle_mq_lag', 'Messages that a group has yet to finish, by partition of this pod.', ({ lag }) => lag);
  byPartition(
    'bottle_mq_unfinished',
    'Messages that were fetched and are not finished, by partition.',
    ({ unfinished }) => unfinished,
  );
  byPartition(
    'bottle_mq_partition_broken',
    '1 while a partition stands still before a batch that cannot be read.',
    ({ broken }) => (broken ? 1 : 0),
  );
  byPartition(
    'bottle_mq_partition_held',
    '1 while a partition waits for a dead letter that cannot be written.',
    ({ held }) => (held ? 1 : 0),
  );
  gauge('bottle_mq_in_flight', 'Invocations under way, by consumer.', ({ running }) => running);
  gauge('bottle_mq_joined', '1 while a consumer is a member of its group.', ({ joined }) => (joined ? 1 : 0));
  gauge('bottle_mq_oldest_seconds', 'Age of the oldest unfinished message; 0 when there is none.', ({ partitions }) => {
    const oldest = Math.min(...partitions.map(({ oldestMs }) => oldestMs ?? Number.POSITIVE_INFINITY));
    return Number.isFinite(oldest) ? Math.max((Date.now() - oldest) / 1_000, 0) : 0;
  });
}
