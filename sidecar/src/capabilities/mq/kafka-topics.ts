import type { TopicSettings } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import type { KafkaConnection } from './kafka-connection.ts';
import { brokerCodeOf, fromKafkaError, noTopic } from './kafka-errors.ts';

/** Partitions may be added to a topic; publishers see them after this time. */
const MAX_AGE_MS = 5_000;
const MAX_TOPICS = 10_000;

/** What a publisher knows of a topic. */
export interface KafkaTopic {
  partitions: number;
  /** Partitions that have a leader. */
  available: readonly number[];
  /** Which of the available ones gets messages without a key: the same until a batch is full or sent. */
  turn: number;
}

interface Known {
  topic: KafkaTopic;
  until: number;
}

/** The topics of a cluster, asked for when they are first used. */
export class KafkaTopics {
  readonly #connection: KafkaConnection;
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, Promise<KafkaTopic>>();

  constructor(connection: KafkaConnection) {
    this.#connection = connection;
  }

  /** What is known of it; asks again in the background when that is old. */
  find(name: string): KafkaTopic | undefined {
    const known = this.#known.get(name);
    if (!known) return undefined;
    if (known.until < Date.now()) {
      known.until = Date.now() + MAX_AGE_MS;
      this.resolve(name).catch(() => {}); // the publish that meets the same failure reports it
    }
    return known.topic;
  }

  /** Asks the brokers, who create it if they do that. Throws NOT_FOUND. */
  resolve(name: string): Promise<KafkaTopic> {
    let asking = this.#asking.get(name);
    if (!asking) {
      asking = this.#ask(name).finally(() => this.#asking.delete(name));
      this.#asking.set(name, asking);
    }
    return asking;
  }

  /** Makes it, with a replication that is the brokers' choice, unless it is there. Resolves with whether it has. */
  async ensure(name: string, { partitions, retentionMs }: TopicSettings): Promise<boolean> {
    const session = await this.#connection.ready();
    try {
      return await session.use(() =>
        session.ensureTopic({
          topic: name,
          ...(partitions === undefined ? {} : { numPartitions: partitions }),
          configEntries: retentionMs === undefined ? [] : [{ name: 'retention.ms', value: String(retentionMs) }],
        }),
      );
    } catch (thrown) {
      throw fromKafkaError(thrown);
    }
  }

  forget(name: string): void {
    this.#known.delete(name);
  }

  async #ask(name: string): Promise<KafkaTopic> {
    const session = await this.#connection.ready();
    try {
      return await session.use(async () => {
        const describe = () => session.describeTopic(name);
        const { topics } = await describe().catch(async (error: unknown) => {
          if (brokerCodeOf(error) !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error;
          await session.createTopic(name);
          return await describe();
        });
        const partitions = topics.find((topic) => topic.name === name)?.partitions ?? [];
        return this.#keep(name, partitions);
      });
    } catch (thrown) {
      const error = fromKafkaError(thrown);
      if (error.code === Code.NOT_FOUND) {
        this.forget(name);
        throw new BottleError(Code.NOT_FOUND, 'driver-error', noTopic(name), { details: error.details });
      }
      this.#connection.giveUp(session, error);
      throw error;
    }
  }

  #keep(name: string, partitions: readonly { partitionId: number; leader: number }[]): KafkaTopic {
    const available = partitions.filter(({ leader }) => leader >= 0).map(({ partitionId }) => partitionId);
    const turn = this.#known.get(name)?.topic.turn ?? Math.floor(Math.random() * partitions.length);
    const topic = { partitions: partitions.length, available, turn };
    if (this.#known.size >= MAX_TOPICS) this.#known.clear();
    this.#known.set(name, { topic, until: Date.now() + MAX_AGE_MS });
    return topic;
  }
}
