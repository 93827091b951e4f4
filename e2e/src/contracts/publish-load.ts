import { setTimeout as delay } from 'node:timers/promises';
import type { Bottle, BottleError } from 'bottle-sdk';
import { waitFor } from '../harness/pod.ts';
import type { ReadTopic } from './mq-readers.ts';

const PUBLISHERS = 32;

export interface PublishLoadOptions {
  bottle: Bottle;
  resource: string;
  topic: string;
  /** Over all partitions by their keys, and not over those that gather a batch. @default false */
  spreads?: boolean;
}

/** Publishers that never stop, each with one message under way; no message is sent twice. */
export class PublishLoad {
  /** Values by the place that their receipts name. */
  readonly acknowledged = new Map<string, string>();
  readonly failures = new Map<string, number>();
  /** Values of which it was said that nothing was done. */
  readonly notDone: string[] = [];
  readonly #topic: string;
  slowestMs = 0;
  #stopped = false;
  readonly #loops: Promise<void>[];

  constructor({ bottle, resource, topic, spreads = false }: PublishLoadOptions) {
    this.#topic = topic;
    const loop = async (publisher: number): Promise<void> => {
      for (let turn = 0; !this.#stopped; turn++) {
        const value = `${publisher}-${turn}`;
        const startedAt = performance.now();
        try {
          const receipt = await bottle.mq(resource).publish(topic, value, spreads ? { key: value } : {});
          this.acknowledged.set(`${receipt.partition}:${receipt.offset}`, value);
        } catch (error) {
          const { code, reason, details } = error as BottleError;
          const what = `${code} ${reason} ${(details['driverCode'] as string | undefined) ?? ''}`.trim();
          this.failures.set(what, (this.failures.get(what) ?? 0) + 1);
          if (details['outcome'] === 'not-done') this.notDone.push(value);
          await delay(20);
        }
        this.slowestMs = Math.max(this.slowestMs, performance.now() - startedAt);
      }
    };
    this.#loops = Array.from({ length: PUBLISHERS }, (_, publisher) => loop(publisher));
  }

  get failed(): number {
    return [...this.failures.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Resolves when so many more messages were acknowledged. */
  more(count: number): Promise<void> {
    const before = this.acknowledged.size;
    return waitFor(() => this.acknowledged.size >= before + count, 60_000);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
  }

  /** What was told, held against what is there. */
  async losses(read: ReadTopic): Promise<Losses & { arrived: number }> {
    const arrived = await read(this.#topic);
    const places = new Map(
      arrived.map(({ partition, offset, value }) => [`${partition}:${offset}`, value?.toString()]),
    );
    const values = new Set(places.values());
    return {
      arrived: arrived.length,
      lost: [...this.acknowledged].filter(([place, value]) => places.get(place) !== value),
      duplicates: arrived.length - values.size,
      lies: this.notDone.filter((value) => values.has(value)),
    };
  }
}

export interface Losses {
  /** Acknowledged messages that are not where their receipts say. */
  lost: [place: string, value: string][];
  /** Messages that arrived more than once. */
  duplicates: number;
  /** Messages that are there, and were called not done. */
  lies: string[];
}
