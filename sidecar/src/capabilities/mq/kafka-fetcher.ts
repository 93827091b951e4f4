// Fetches the records of a generation's partitions, one request to each of their leaders at a time: while the function
// works on what has come, the next is on its way. kafkajs' own loop waits for the slowest partition before it fetches
// again; here a partition whose listener wants no more is left out until it does.
import { setTimeout as delay } from 'node:timers/promises';
import type { BrokenBatch, GroupPosition, QueueListener } from '@bottle/capabilities';
import { Code } from '@bottle/protos';
import type { Cluster } from 'kafkajs';
import type { Logger } from 'pino';
import type { KafkaConfig } from '../../resources-config.ts';
import { brokerCodeOf, fromKafkaError } from './kafka-errors.ts';
import { type Fetched, fetchRecords } from './kafka-fetch.ts';

/** While a partition is left out, the others are not waited for as long: it may come back any time. */
const IMPATIENT_MS = 20;
const MIN_PAUSE_MS = 50;
const MAX_PAUSE_MS = 1_000;

export interface KafkaFetcherOptions {
  cluster: Cluster;
  settings: KafkaConfig;
  /** The broker's name of it. */
  topic: string;
  positions: ReadonlyMap<number, GroupPosition>;
  listener: QueueListener;
  log: Logger;
  /** Where a partition begins and ends now. */
  bounds(partition: number): Promise<{ begin: bigint; end: bigint }>;
}

interface Partition {
  readonly number: number;
  /** The offset that is fetched next. */
  next: bigint;
  /** Its listener wants no more for now. */
  isFull: boolean;
  /** What cannot be read at `next`; nothing is fetched until it is passed over. */
  broken: BrokenBatch | undefined;
}

export class KafkaFetcher {
  readonly #options: KafkaFetcherOptions;
  readonly #partitions: Map<number, Partition>;
  /** Leaders that are being fetched from. */
  readonly #pumps = new Set<string>();
  readonly #stopping = new AbortController();
  #wake = Promise.withResolvers<void>();
  /** Said once, however often it is tried again. */
  #complaint: string | undefined;

  constructor(options: KafkaFetcherOptions) {
    this.#options = options;
    this.#partitions = new Map(
      [...options.positions].map(([number, { next }]) => [number, { number, next, isFull: false, broken: undefined }]),
    );
  }

  start(): void {
    this.#startPumps();
  }

  /** Nothing is handed to the listener any more. */
  stop(): void {
    this.#stopping.abort();
    this.#wake.resolve();
  }

  #startPumps(): void {
    if (this.#stopping.signal.aborted) return;
    for (const leader of this.#leaders().keys()) {
      if (this.#pumps.has(leader)) continue;
      this.#pumps.add(leader);
      void this.#pump(leader).finally(() => {
        this.#pumps.delete(leader);
        this.#startPumps();
      });
    }
  }

  /** Until it leads none of the partitions any more. Never rejects. */
  async #pump(leader: string): Promise<void> {
    const { signal } = this.#stopping;
    let pauseMs = MIN_PAUSE_MS;
    while (!signal.aborted) {
      const led = this.#leaders().get(leader) ?? [];
      if (led.length === 0) return;
      const wanted = led.filter(({ isFull, broken }) => !isFull && !broken);
      if (wanted.length === 0) {
        await this.#wake.promise;
        continue;
      }
      try {
        await this.#fetch(
          leader,
          wanted,
          led.some(({ isFull }) => isFull),
        );
        pauseMs = MIN_PAUSE_MS;
      } catch (thrown) {
        if (signal.aborted) return;
        await this.#recover(thrown, wanted, pauseMs);
        pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
      }
    }
  }

  async #fetch(nodeId: string, wanted: readonly Partition[], isImpatient: boolean): Promise<void> {
    const { cluster, settings, topic } = this.#options;
    const { fetchBytes, fetchPartitionBytes, fetchWaitMs } = settings.consumer;
    const answer = await fetchRecords(cluster, nodeId, {
      topic,
      partitions: wanted.map(({ number: partition, next: from }) => ({ partition, from })),
      maxWaitMs: isImpatient ? Math.min(IMPATIENT_MS, fetchWaitMs) : fetchWaitMs,
      maxBytes: fetchBytes,
      maxPartitionBytes: fetchPartitionBytes,
    });
    for (const fetched of answer) this.#hand(fetched);
  }

  #hand({ partition: number, records, next, end, broken }: Fetched): void {
    const partition = this.#partitions.get(number);
    if (!partition || this.#stopping.signal.aborted) return;
    if (broken) this.#stand(partition, broken);
    if (next === partition.next) return;
    partition.next = next;
    const room = this.#options.listener.records(number, records, { next, end });
    if (!room) return;
    partition.isFull = true;
    void this.#untilRoom(partition, room);
  }

  /** A partition stands still before what cannot be read: passing over messages is for somebody to decide. */
  #stand(partition: Partition, broken: BrokenBatch): void {
    const { topic, log } = this.#options;
    partition.broken = broken;
    const { offset, next, reason } = broken;
    log.error(
      { topic, partition: partition.number, offset: String(offset), next: String(next), reason: `it is ${reason}` },
      `a batch cannot be read, and its partition stands still: see \`bottle mq list\`, pass over it with \`bottle mq skip\``,
    );
  }

  /** What stands in the way, by partition. */
  get broken(): ReadonlyMap<number, BrokenBatch> {
    const all = [...this.#partitions.values()].flatMap(({ number, broken }): [number, BrokenBatch][] =>
      broken ? [[number, broken]] : [],
    );
    return new Map(all);
  }

  /** Goes on behind what cannot be read at this offset. False: nothing stands in the way there. */
  skip(number: number, offset: bigint): boolean {
    const { log, topic } = this.#options;
    const partition = this.#partitions.get(number);
    if (partition?.broken?.offset !== offset) return false;
    const { next } = partition.broken;
    log.warn({ topic, partition: number, offset: String(offset), next: String(next) }, 'messages were passed over');
    partition.broken = undefined;
    this.#hand({ partition: number, records: [], next, end: next, broken: undefined });
    this.#wakeUp();
    return true;
  }

  #wakeUp(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  async #untilRoom(partition: Partition, room: Promise<void>): Promise<void> {
    await room;
    partition.isFull = false;
    this.#wakeUp();
  }

  async #recover(thrown: unknown, wanted: readonly Partition[], pauseMs: number): Promise<void> {
    const { cluster, topic, log } = this.#options;
    const { signal } = this.#stopping;
    if (brokerCodeOf(thrown) === 'OFFSET_OUT_OF_RANGE') {
      for (const partition of wanted) await this.#returnIntoBounds(partition).catch(() => {}); // the next fetch tells
    } else {
      const { code, message: reason } = fromKafkaError(thrown);
      if (code === Code.UNAVAILABLE) log.debug({ topic, reason }, 'kafka fetch failed');
      else if (reason !== this.#complaint) log.error({ topic, reason }, 'messages cannot be fetched');
      this.#complaint = reason;
    }
    await delay(pauseMs, undefined, { signal }).catch(() => {}); // stopping
    await cluster.refreshMetadata().catch(() => {}); // the next fetch tells
  }

  /** What it should read next is not there: it was deleted before, or the brokers have lost it. */
  async #returnIntoBounds(partition: Partition): Promise<void> {
    const { topic, log, bounds, listener } = this.#options;
    const { number, next } = partition;
    const { begin, end } = await bounds(number);
    if (next >= begin && next <= end) return;
    partition.next = next < begin ? begin : end;
    const fields = { topic, partition: number, from: String(next), to: String(partition.next) };
    log.error(fields, 'messages are gone that were not consumed');
    if (next < begin) return;
    // Its offsets are given again, to other messages: what is known of them is of those before.
    await listener.revoked([number], this.#stopping.signal);
    if (!this.#stopping.signal.aborted) listener.assigned(new Map([[number, { next: partition.next, ahead: [] }]]));
  }

  #leaders(): Map<string, Partition[]> {
    const { cluster, topic } = this.#options;
    const byLeader = cluster.findLeaderForPartitions(topic, [...this.#partitions.keys()]);
    return new Map(
      Object.entries(byLeader).map(([leader, numbers]) => [
        leader,
        numbers.flatMap((number) => this.#partitions.get(number) ?? []),
      ]),
    );
  }
}
