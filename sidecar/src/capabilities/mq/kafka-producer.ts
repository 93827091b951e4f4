// Sends batches to the leaders of their partitions, as kafkajs' own producer does for one partition at a time.
//
// 1. A broker has one request under way. Whatever waits meanwhile travels with the next one, of a thousand partitions as of one.
// 2. Each partition has its own answer. kafkajs throws the first that is an error, and what became of the others is not known; here
//    one that is refused takes no other along.
// 3. The batches of a partition are numbered; a number counts when the brokers have the batch. An idempotent producer sends again
//    what is open, with its number: the broker stores it once. Without numbers only what no broker has looked at is sent again.
//    An answer with an offset has the batch in a log, whatever error stands beside it: the leader had it, and went before the others did.
//    A batch that fails all the same, openly, leaves a number of which nobody knows whether it counts: the producer is given up.
// 4. What is sent is decided when it is: until then a batch grows, and loses what nobody waits for any more. So a quota of the brokers,
//    which tell how long to wait, leaves nothing open.
import { setTimeout as delay } from 'node:timers/promises';
import { BottleError, Code } from '@bottle/protos';
import kafkajs, { type Broker, type Cluster, CompressionTypes, type Message, type PartitionMetadata } from 'kafkajs';
import type { Logger } from 'pino';
import type { KafkaConfig } from '../../resources-config.ts';
import { type Protocol, readingBy } from './broker-protocol.ts';
import { requestTimeoutOf, RETRY } from './kafka-client.ts';
import { fromKafkaError, isNotNow, isRejection, refusesNumber } from './kafka-errors.ts';

/** Of a broker that has begun just now. */
const MAX_RETRIES = 8;
/** A request that has so much takes no other batch; with the last one it is below other clients' max.request.size, a megabyte. */
const ENOUGH_BYTES = 512 * 1024;
/** Sequence numbers begin again behind it: https://kafka.apache.org/documentation/#recordbatch */
const MAX_SEQUENCE = 2 ** 31 - 1;
const THROTTLED_LOG_MS = 60_000;

const ACKS = { all: -1, leader: 1, none: 0 } as const;
const COMPRESSION = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
} as const;

/** Messages of one partition, which the broker stores all or none of. */
export interface Batch {
  messages: Message[];
  /** About. */
  bytes: number;
}

/** A place in the line for a partition's leader. */
export interface Turn {
  topic: string;
  partition: number;
  /** Called when it is sent; it has been not done before, and is open from then on. */
  draw(): Batch;
}

interface Sending {
  readonly turn: Turn;
  /** Of its partition. */
  readonly name: string;
  batch: Batch | undefined;
  /** From the moment it is drawn. */
  timer: NodeJS.Timeout | undefined;
  retries: number;
  /** It is not tried again after this: a call's time from when it was placed, and once more from when it was drawn. */
  until: number;
  /** Its request is with a broker. */
  isUnderWay: boolean;
  /** A broker may have it, and may not. */
  isOpen: boolean;
  isSettled: boolean;
  readonly settled: PromiseWithResolvers<bigint>;
}

type DrawnSending = Sending & { batch: Batch };

/** What waits for one broker. */
interface Line {
  readonly nodeId: string;
  readonly waiting: Set<Sending>;
  isRunning: boolean;
  /** By performance.now(). */
  throttledUntil: number;
}

/** What the broker says of one batch. */
interface Answer {
  topic: string;
  partition: number;
  /** -1: it is in no log. */
  offset: bigint;
  error: unknown;
}

interface ProducerId {
  /** kafkajs' Long. */
  producerId: number;
  producerEpoch: number;
}

export interface KafkaProducerOptions {
  /** Of its own. */
  cluster: Cluster;
  settings: KafkaConfig;
  log: Logger;
}

export class KafkaProducer {
  readonly #options: KafkaProducerOptions;
  readonly #isIdempotent: boolean;
  readonly #sequences = new Map<string, number>();
  readonly #lines = new Map<string, Line>();
  readonly #topics = new Set<string>();
  readonly #leaders = new WeakMap<readonly PartitionMetadata[], Map<number, number>>();
  #id: ProducerId | undefined;
  #isClosed = false;
  #throttledLogAt = -Infinity;

  constructor(options: KafkaProducerOptions) {
    const { idempotent, acks } = options.settings;
    this.#options = options;
    this.#isIdempotent = idempotent && acks === 'all';
  }

  async connect(): Promise<void> {
    const { cluster } = this.#options;
    await cluster.connect();
    if (!this.#isIdempotent) return;
    await cluster.refreshMetadataIfNecessary();
    const broker = (await cluster.findControllerBroker()) as Broker & {
      initProducerId(request: { transactionTimeout: number }): Promise<ProducerId>;
    };
    for (let retries = 0; this.#id === undefined; retries++) {
      try {
        this.#id = await broker.initProducerId({ transactionTimeout: 0 });
      } catch (thrown) {
        if (!isRetriable(thrown) || retries === MAX_RETRIES) throw thrown; // a broker that has begun just now is soon ready
        await delay(pauseOf(retries));
      }
    }
  }

  async disconnect(): Promise<void> {
    this.#isClosed = true;
    await this.#options.cluster.disconnect();
  }

  /**
   * Resolves with the first message's offset, -1 where nobody tells, or nothing was drawn. One turn of a partition at a time. Rejects
   * with what the broker says of a batch that it refuses, and with a BottleError and its `outcome` for all else.
   */
  append(turn: Turn): Promise<bigint> {
    const settled = Promise.withResolvers<bigint>();
    const sending: Sending = {
      turn,
      name: nameOf(turn),
      batch: undefined,
      timer: undefined,
      retries: 0,
      until: performance.now() + this.#options.settings.policy.timeoutMs,
      isUnderWay: false,
      isOpen: false,
      isSettled: false,
      settled,
    };
    void this.#place(sending);
    return settled.promise.finally(() => {
      sending.isSettled = true;
      clearTimeout(sending.timer);
    });
  }

  #fail({ isOpen, isUnderWay, settled }: Sending, thrown: unknown): void {
    settled.reject(fromKafkaError(thrown).withDetails({ outcome: isOpen || isUnderWay ? 'unknown' : 'not-done' }));
  }

  /** Into the line of its partition's leader. Never rejects. */
  async #place(sending: Sending): Promise<void> {
    const { cluster } = this.#options;
    const { topic, partition } = sending.turn;
    if (sending.isSettled || this.#isClosed) return;
    try {
      if (!this.#topics.has(topic)) await cluster.addTargetTopic(topic);
      this.#topics.add(topic);
      await cluster.refreshMetadataIfNecessary();
      if (sending.isSettled) return;
      const line = this.#lineOf(this.#leaderOf(topic, partition));
      line.waiting.add(sending);
      if (!line.isRunning) void this.#run(line);
    } catch (thrown) {
      await this.#retry(sending, thrown);
    }
  }

  #leaderOf(topic: string, partition: number): string {
    const partitions = this.#options.cluster.findTopicPartitionMetadata(topic);
    let leaders = this.#leaders.get(partitions);
    if (!leaders) {
      leaders = new Map(partitions.map(({ partitionId, leader }) => [partitionId, leader]));
      this.#leaders.set(partitions, leaders);
    }
    const leader = leaders.get(partition) ?? -1;
    if (leader >= 0) return String(leader);
    const error = new kafkajs.KafkaJSError(`partition ${partition} of ${topic} has no leader`, { retriable: true });
    throw Object.assign(error, { type: 'LEADER_NOT_AVAILABLE' });
  }

  #lineOf(nodeId: string): Line {
    let line = this.#lines.get(nodeId);
    if (!line) {
      line = { nodeId, waiting: new Set(), isRunning: false, throttledUntil: 0 };
      this.#lines.set(nodeId, line);
    }
    return line;
  }

  /** Sends until nothing waits. (1) Never rejects. */
  async #run(line: Line): Promise<void> {
    line.isRunning = true;
    while (line.waiting.size > 0) {
      const throttledMs = line.throttledUntil - performance.now();
      if (throttledMs > 0) await delay(throttledMs);
      for (const sending of line.waiting) if (sending.isSettled || this.#isClosed) line.waiting.delete(sending);
      if (line.waiting.size === 0) break;
      try {
        const broker = await this.#inTime(this.#options.cluster.findBroker({ nodeId: line.nodeId }));
        await this.#send(line, broker, this.#take(line));
      } catch (error) {
        for (const sending of line.waiting) void this.#retry(sending, error);
        line.waiting.clear();
      }
    }
    line.isRunning = false;
  }

  /** 4 */
  #take({ waiting }: Line): DrawnSending[] {
    const { timeoutMs } = this.#options.settings.policy;
    const taken: DrawnSending[] = [];
    let bytes = 0;
    for (const sending of waiting) {
      if (bytes >= ENOUGH_BYTES) break;
      waiting.delete(sending);
      if (sending.isSettled) continue;
      if (!sending.batch) sending.until = performance.now() + timeoutMs;
      sending.batch ??= sending.turn.draw();
      sending.timer ??= setTimeout(() => this.#fail(sending, unanswered(timeoutMs)), timeoutMs);
      bytes += sending.batch.bytes;
      if (sending.batch.messages.length === 0) sending.settled.resolve(-1n);
      else taken.push(sending as DrawnSending);
    }
    return taken;
  }

  async #send(line: Line, broker: Broker, sendings: readonly DrawnSending[]): Promise<void> {
    if (sendings.length === 0) return;
    for (const sending of sendings) sending.isUnderWay = true;
    try {
      const { answers, throttledMs } = await this.#inTime(this.#request(broker, sendings));
      this.#throttle(line, throttledMs);
      const byPartition = new Map(answers.map((answer) => [nameOf(answer), answer]));
      for (const sending of sendings) this.#settle(sending, byPartition.get(sending.name));
    } catch (thrown) {
      const { name, host, port } = thrown as { name: string; host: string; port: number };
      if (name === 'KafkaJSConnectionClosedError') this.#options.cluster.removeBroker({ host, port });
      for (const sending of sendings) this.#answer(sending, thrown);
    }
  }

  async #request(
    broker: Broker,
    sendings: readonly DrawnSending[],
  ): Promise<{ answers: Answer[]; throttledMs: number }> {
    const { settings } = this.#options;
    const topics = Map.groupBy(sendings, ({ turn }) => turn.topic);
    const answered = (await readingBy(withAllAnswers, broker).produce({
      ...this.#id,
      acks: ACKS[settings.acks],
      timeout: requestTimeoutOf(settings),
      compression: COMPRESSION[settings.compression],
      topicData: Array.from(topics, ([topic, ofTopic]) => ({
        topic,
        partitions: ofTopic.map(({ turn, name, batch }) => ({
          partition: turn.partition,
          firstSequence: this.#sequences.get(name) ?? 0,
          messages: batch.messages,
        })),
      })),
    })) as { answers: Answer[]; throttledMs: number } | undefined;
    if (settings.acks !== 'none' && answered) return answered;
    const untold = sendings.map(({ turn: { topic, partition } }) => ({
      topic,
      partition,
      offset: -1n,
      error: undefined,
    }));
    return { answers: untold, throttledMs: 0 };
  }

  #settle(sending: DrawnSending, answer: Answer | undefined): void {
    if (!answer) {
      const message = 'kafka did not answer: it acknowledged without an offset';
      this.#answer(sending, new BottleError(Code.UNAVAILABLE, 'resource-unavailable', message));
    } else if (answer.error !== undefined) {
      if (answer.offset >= 0n) sending.isOpen = true;
      this.#answer(sending, answer.error);
    } else {
      const { name, batch, settled } = sending;
      const next = (this.#sequences.get(name) ?? 0) + batch.messages.length;
      this.#sequences.set(name, next > MAX_SEQUENCE ? next - MAX_SEQUENCE - 1 : next);
      settled.resolve(answer.offset);
    }
  }

  /** Its request, or the batch in it, failed. */
  #answer(sending: Sending, thrown: unknown): void {
    sending.isUnderWay = false;
    if (isRejection(thrown) && !sending.isOpen) sending.settled.reject(thrown);
    else {
      if (!isNotNow(thrown) && !refusesNumber(thrown)) sending.isOpen = true;
      void this.#retry(sending, thrown);
    }
  }

  /** 3 */
  async #retry(sending: Sending, thrown: unknown): Promise<void> {
    if (sending.isSettled) return;
    const isAgain = this.#isIdempotent ? isRetriable(thrown) : isNotNow(thrown) && !sending.isOpen;
    const pauseMs = pauseOf(sending.retries);
    if (!isAgain || performance.now() + pauseMs > sending.until) {
      this.#fail(sending, thrown);
      return;
    }
    sending.retries += 1;
    await delay(pauseMs);
    if (sending.isSettled) return;
    await this.#options.cluster.refreshMetadata().catch(() => {}); // placing it tells
    await this.#place(sending);
  }

  /** A request that nobody settles would hold its line for ever. */
  async #inTime<Result>(work: Promise<Result>): Promise<Result> {
    const late = Promise.withResolvers<never>();
    const { timeoutMs } = this.#options.settings.policy;
    const timer = setTimeout(() => late.reject(unanswered(timeoutMs)), timeoutMs);
    try {
      return await Promise.race([work, late.promise]);
    } finally {
      clearTimeout(timer);
      work.catch(() => {}); // it may fail long after the race
    }
  }

  #throttle(line: Line, throttledMs: number): void {
    if (throttledMs <= 0) return;
    const now = performance.now();
    line.throttledUntil = now + throttledMs;
    if (now - this.#throttledLogAt < THROTTLED_LOG_MS) return;
    this.#throttledLogAt = now;
    const fields = { broker: line.nodeId, throttledMs };
    this.#options.log.warn(fields, 'a quota of the brokers holds publishing back');
  }
}

/** In kafkajs' opinion. */
function isRetriable(thrown: unknown): boolean {
  return (thrown as { retriable?: boolean }).retriable === true;
}

/** Milliseconds. */
function pauseOf(retries: number): number {
  const { initialRetryTime, multiplier, maxRetryTime, factor } = RETRY;
  const pauseMs = Math.min(initialRetryTime * multiplier ** retries, maxRetryTime);
  return pauseMs * (1 - factor + 2 * factor * Math.random());
}

function nameOf({ topic, partition }: { topic: string; partition: number }): string {
  return `${topic} ${partition}`;
}

function unanswered(timeoutMs: number): BottleError {
  const message = `kafka did not answer: no acknowledgement within ${timeoutMs} ms`;
  return new BottleError(Code.UNAVAILABLE, 'resource-unavailable', message, { details: { driverCode: 'TIMEOUT' } });
}

/** https://kafka.apache.org/protocol.html#The_Messages_Produce, as kafkajs decodes it. */
interface ProduceAnswer {
  clientSideThrottleTime?: number;
  topics: { topicName: string; partitions: { partition: number; errorCode: number; baseOffset: string }[] }[];
}

/** 2 */
function withAllAnswers({ response }: Protocol): Protocol['response'] {
  const answerOf = async (
    topicName: string,
    partition: ProduceAnswer['topics'][0]['partitions'][0],
  ): Promise<Answer> => {
    const answer = { topic: topicName, partition: partition.partition, offset: BigInt(partition.baseOffset) };
    if (partition.errorCode === 0) return { ...answer, error: undefined };
    const alone = response.parse({ topics: [{ topicName, partitions: [partition] }] });
    return { ...answer, error: await alone.catch((error: unknown) => error) };
  };
  return {
    ...response,
    parse: async (data) => {
      const { topics, clientSideThrottleTime = 0 } = data as ProduceAnswer;
      const all = topics.flatMap(({ topicName, partitions }) => partitions.map((each) => answerOf(topicName, each)));
      return { answers: await Promise.all(all), throttledMs: clientSideThrottleTime };
    },
  };
}
