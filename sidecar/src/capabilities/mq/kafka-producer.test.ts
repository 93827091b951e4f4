import type { Broker, Cluster } from 'kafkajs';
import type { Logger } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { KafkaConfig } from '../../resources-config.ts';
import { isRejection } from './kafka-errors.ts';
import { KafkaProducer } from './kafka-producer.ts';

const TIMEOUT_MS = 400;

/** What a broker says of one partition: an offset, and the name of an error. */
interface Said {
  offset?: number;
  error?: string;
}

/** A request, as the broker sees it. */
interface Asked {
  partition: number;
  firstSequence: number;
  values: string[];
}

/** Answers a request; rejects where the connection breaks, and may never settle. */
type Script = (asked: Asked[]) => Promise<Said[]> | Said[];

const ERRORS = [
  '',
  'MESSAGE_TOO_LARGE',
  'TOPIC_AUTHORIZATION_FAILED',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'NOT_LEADER_FOR_PARTITION',
  'REQUEST_TIMED_OUT',
];
const RETRIABLE = new Set(['NOT_LEADER_FOR_PARTITION', 'REQUEST_TIMED_OUT']);

interface Answer {
  topics: { topicName: string; partitions: { partition: number; errorCode: number; baseOffset: string }[] }[];
  clientSideThrottleTime: number;
}

/** One broker, which leads ten partitions of one topic, and follows a script: a step for each request. */
function producerOf(script: Script[], settings: Partial<KafkaConfig> = {}, throttleMs = 0) {
  const asked: Asked[][] = [];
  const response = {
    /** As that of kafkajs: throws the first error. */
    parse: async ({ topics }: Answer) => {
      for (const { errorCode } of topics.flatMap(({ partitions }) => partitions))
        if (errorCode !== 0) {
          const type = ERRORS[errorCode] ?? '';
          throw Object.assign(new Error(type), { type, retriable: RETRIABLE.has(type) });
        }
    },
  };
  type Pool = { send(protocol: { response: typeof response; answer: Answer }): Promise<unknown> };
  const broker = {
    connectionPool: { send: ({ response: reader, answer }: Parameters<Pool['send']>[0]) => reader.parse(answer) },
    initProducerId: async () => ({ producerId: 7, producerEpoch: 0 }),
    async produce(this: { connectionPool: Pool }, { topicData }: Parameters<Broker['produce']>[0]) {
      const partitions = topicData.flatMap((topic) => topic.partitions);
      const request = partitions.map(({ partition, firstSequence = -1, messages }) => ({
        partition,
        firstSequence,
        values: messages.map(({ value }) => String(value)),
      }));
      asked.push(request);
      const said = await script[asked.length - 1]?.(request);
      if (!said) throw new Error('the script is over');
      const answers = request.map(({ partition }, at) => ({
        partition,
        errorCode: ERRORS.indexOf(said[at]?.error ?? ''),
        baseOffset: String(said[at]?.offset ?? -1),
      }));
      const answer = { topics: [{ topicName: 't', partitions: answers }], clientSideThrottleTime: throttleMs };
      return await this.connectionPool.send({ response, answer });
    },
  };
  const metadata = Array.from({ length: 10 }, (_, partitionId) => ({ partitionId, leader: 1 }));
  const cluster = {
    connect: async () => {},
    disconnect: async () => {},
    addTargetTopic: async () => {},
    refreshMetadata: async () => {},
    refreshMetadataIfNecessary: async () => {},
    findTopicPartitionMetadata: () => metadata,
    findControllerBroker: async () => broker,
    findBroker: async () => broker,
    removeBroker: () => {},
  } as unknown as Cluster;
  const given = { acks: 'all', idempotent: true, compression: 'none', policy: { timeoutMs: TIMEOUT_MS }, ...settings };
  const log = { warn: () => {} } as unknown as Logger;
  const producer = new KafkaProducer({ cluster, settings: given as unknown as KafkaConfig, log });
  onTestFinished(() => producer.disconnect());
  const append = (partition: number, ...values: string[]): Promise<bigint> =>
    producer.append({
      topic: 't',
      partition,
      draw: () => ({ messages: values.map((value) => ({ value })), bytes: 10 }),
    });
  return { producer, append, asked };
}

const lost = (): Promise<never> => Promise.reject(Object.assign(new Error('gone'), { retriable: true }));
const outcomeOf = (sent: Promise<bigint>): Promise<unknown> =>
  sent.then(
    (offset) => offset,
    (error: unknown) =>
      isRejection(error) ? 'rejected' : (error as { details: Record<string, unknown> }).details['outcome'],
  );

describe('a producer', () => {
  it('sends what waits for one broker together, and each partition has its own answer and numbers', async () => {
    const { producer, append, asked } = producerOf([
      () => [{ offset: 5 }, { error: 'MESSAGE_TOO_LARGE' }, { offset: 0 }],
      () => [{ offset: 7 }, { offset: 0 }],
    ]);
    await producer.connect();
    const first = await Promise.all([append(0, 'a', 'b'), append(1, 'large'), append(2, 'c')].map(outcomeOf));
    expect(first).toEqual([5n, 'rejected', 0n]);
    expect(await Promise.all([append(0, 'd'), append(1, 'small')])).toEqual([7n, 0n]);
    expect(asked.map((request) => request.map(({ partition, firstSequence }) => [partition, firstSequence]))).toEqual([
      [
        [0, 0],
        [1, 0],
        [2, 0],
      ],
      [
        [0, 2],
        [1, 0],
      ],
    ]);
  });
  it('sends again what is open, with its number', async () => {
    const { producer, append, asked } = producerOf([
      lost,
      () => [{ error: 'REQUEST_TIMED_OUT' }],
      () => [{ offset: 3 }],
    ]);
    await producer.connect();
    expect(await append(4, 'x')).toBe(3n);
    expect(asked.flat().map(({ firstSequence }) => firstSequence)).toEqual([0, 0, 0]);
  });
  it('takes no rejection of what is open for a clean one', async () => {
    const { producer, append } = producerOf([lost, () => [{ error: 'TOPIC_AUTHORIZATION_FAILED' }]]);
    await producer.connect();
    expect(await outcomeOf(append(0, 'x'))).toBe('unknown');
  });
  it('knows by the offset beside an error that the leader had it', async () => {
    const moved = (): Said[] => [{ error: 'NOT_LEADER_FOR_PARTITION', offset: 12 }];
    const numbered = producerOf([moved, () => [{ error: 'MESSAGE_TOO_LARGE' }]]);
    await numbered.producer.connect();
    expect(await outcomeOf(numbered.append(0, 'x'))).toBe('unknown');
    const bare = producerOf([moved], { idempotent: false });
    await bare.producer.connect();
    expect(await outcomeOf(bare.append(0, 'x'))).toBe('unknown');
    expect(bare.asked).toHaveLength(1); // not again: it would be there twice
  });
  it('sends again without numbers what no log has', async () => {
    const { producer, append } = producerOf([() => [{ error: 'NOT_LEADER_FOR_PARTITION' }], () => [{ offset: 1 }]], {
      idempotent: false,
    });
    await producer.connect();
    expect(await append(0, 'x')).toBe(1n);
  });
  it.each(['OUT_OF_ORDER_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID'])(
    'knows of %s that nothing was stored',
    async (error) => {
      const { producer, append } = producerOf([() => [{ error }]]);
      await producer.connect();
      expect(await outcomeOf(append(0, 'x'))).toBe('not-done');
    },
  );
  it('goes on behind a request that nobody answers, which is open', async () => {
    const { producer, append } = producerOf([() => new Promise(() => {}), () => [{ offset: 9 }]]);
    await producer.connect();
    const stuck = outcomeOf(append(0, 'x'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const next = append(1, 'y');
    expect(await stuck).toBe('unknown');
    expect(await next).toBe(9n);
  });
  it('draws nothing while a broker holds it back', async () => {
    const { producer, append, asked } = producerOf(
      [() => [{ offset: 0 }], (request) => request.map(() => ({ offset: 1 }))],
      {},
      150,
    );
    await producer.connect();
    await append(0, 'x');
    const startedAt = performance.now();
    const draw = () => ({ messages: [], bytes: 0 }); // nobody waits for it any more
    const nothing = producer.append({ topic: 't', partition: 1, draw });
    expect(await append(2, 'y')).toBe(1n);
    expect(await nothing).toBe(-1n);
    expect(performance.now() - startedAt).toBeGreaterThan(120);
    expect(asked[1]?.map(({ partition }) => partition)).toEqual([2]);
  });
});
