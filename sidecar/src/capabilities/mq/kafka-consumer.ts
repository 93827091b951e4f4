import { setTimeout as delay } from 'node:timers/promises';
import type { BrokenBatch, GroupPosition, QueueConsumer, QueueListener, QueueSubscription } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import type { Logger } from 'pino';
import type { KafkaConfig } from '../../resources-config.ts';
import { fromKafkaError, noTopic } from './kafka-errors.ts';
import { KafkaMembership } from './kafka-membership.ts';

const MIN_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;
const NONE: ReadonlyMap<number, BrokenBatch> = new Map();

export interface KafkaConsumerOptions {
  settings: KafkaConfig;
  /** "mq.orders", for messages. */
  id: string;
  log: Logger;
  subscription: QueueSubscription;
  listener: QueueListener;
  onClosed(): void;
}

/** A member of a consumer group: one membership after the other, until it is closed. */
export class KafkaConsumer implements QueueConsumer {
  readonly #options: KafkaConsumerOptions;
  readonly #closing = new AbortController();
  readonly #ended: Promise<void>;
  #membership: KafkaMembership | undefined;
  problem: string | undefined = 'joining';

  constructor(options: KafkaConsumerOptions) {
    this.#options = options;
    this.#ended = this.#keepJoining();
  }

  async commit(positions: ReadonlyMap<number, GroupPosition>): Promise<void> {
    if (this.#membership) return await this.#membership.commit(positions);
    throw new BottleError(Code.FAILED_PRECONDITION, 'partition-revoked', 'not a member of the group');
  }

  async ends(): Promise<ReadonlyMap<number, bigint>> {
    return (await this.#membership?.ends()) ?? new Map<number, bigint>();
  }

  get broken(): ReadonlyMap<number, BrokenBatch> {
    return this.#membership?.broken ?? NONE;
  }

  skip(partition: number, offset: bigint): boolean {
    return this.#membership?.skip(partition, offset) ?? false;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#membership?.leave();
    this.#options.onClosed();
    await this.#ended;
  }

  async #keepJoining(): Promise<void> {
    const { signal } = this.#closing;
    const { settings, subscription } = this.#options;
    const { topicPrefix } = settings;
    const { topic } = subscription;
    let pauseMs = MIN_PAUSE_MS;
    while (!signal.aborted) {
      try {
        const membership = new KafkaMembership({
          ...this.#options,
          onJoined: () => {
            this.problem = undefined;
            pauseMs = MIN_PAUSE_MS;
          },
        });
        this.#membership = membership;
        await membership.run();
      } catch (thrown) {
        const { code, message } = fromKafkaError(thrown);
        this.#report(code === Code.NOT_FOUND ? noTopic(topicPrefix + topic) : message);
      }
      this.#membership = undefined;
      await delay(pauseMs * (0.75 + Math.random() / 2), undefined, { signal }).catch(() => {}); // closing
      pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
    }
  }

  #report(reason: string): void {
    const { id, log, subscription } = this.#options;
    const { topic, group } = subscription;
    if (reason !== this.problem) log.warn({ resource: id, topic, group, reason }, 'kafka consumer is not in its group');
    this.problem = reason;
  }
}
