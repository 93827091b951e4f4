import { randomUUID } from 'node:crypto';
import { BottleError, Code } from '@bottle/protos';
import type { GroupPosition, QueueConsumer, QueueListener, QueueSubscription } from './mq-port.ts';
import { FileBusy, type QueueFile, type Topic } from './queue-file.ts';
import { type GroupMember, LEASE_MS, type QueueGroups } from './queue-groups.ts';
import type { QueueReader } from './queue-readers.ts';

const RENEW_MS = LEASE_MS / 10;
const MAX_RECORDS = 256;

export interface EmbeddedConsumerOptions {
  file: QueueFile;
  groups: QueueGroups;
  subscription: QueueSubscription;
  listener: QueueListener;
  onClosed(): void;
}

/** A partition that this member holds. */
interface Held {
  /** The offset that is read next. */
  cursor: bigint;
  /** The listener wants no more for now, or another member gets it. */
  isBlocked: boolean;
  isLeaving: boolean;
}

/** A member of a group in the queue's file. */
export class EmbeddedConsumer implements QueueConsumer, QueueReader {
  readonly #options: EmbeddedConsumerOptions;
  readonly #member: GroupMember;
  readonly #held = new Map<number, Held>();
  #topic: Topic | undefined;
  #isAsleep = false;
  #isClosed = false;
  problem: string | undefined = 'joining';
  renewsAt = 0;
  mustRetry = false;

  constructor(options: EmbeddedConsumerOptions) {
    this.#options = options;
    this.#member = { ...options.subscription, member: randomUUID() };
  }

  get topicName(): string {
    return this.#member.topic;
  }

  wake(): void {
    this.#isAsleep = false;
    this.#read();
  }

  async commit(positions: ReadonlyMap<number, GroupPosition>): Promise<void> {
    const { groups } = this.#options;
    if (!this.#topic || this.#isClosed) {
      throw new BottleError(Code.FAILED_PRECONDITION, 'partition-revoked', 'not a member of the group');
    }
    try {
      await groups.commit(this.#member, this.#topic, positions);
    } catch (error) {
      if (error instanceof BottleError) throw error;
      throw new BottleError(Code.UNAVAILABLE, 'resource-unavailable', (error as Error).message);
    }
  }

  async ends(): Promise<ReadonlyMap<number, bigint>> {
    const { topic, group } = this.#member;
    return new Map(this.#options.groups.describe(topic, group).map(({ partition, end }) => [partition, end]));
  }

  /** What this process has written it can read. */
  readonly broken: QueueConsumer['broken'] = new Map();

  skip(): boolean {
    return false;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#held.clear();
    this.#options.onClosed();
    await this.#release();
  }

  renew(): void {
    this.renewsAt = performance.now() + RENEW_MS;
    if (this.#isClosed) return;
    this.#guarded(() => {
      const { groups, listener } = this.#options;
      this.#topic ??= groups.register(this.#member);
      const { own, surplus } = groups.renew(this.#member, this.#topic);
      this.problem = undefined;
      const lost = [...this.#held.keys()].filter((partition) => !own.has(partition) && !surplus.has(partition));
      if (lost.length > 0) {
        for (const partition of lost) this.#held.delete(partition);
        void listener.revoked(lost, AbortSignal.abort());
      }
      for (const partition of surplus) this.#handOver(partition);
      const gained = [...own].filter((partition) => !this.#held.has(partition));
      if (gained.length === 0) return;
      const positions = groups.positions(this.#member, this.#topic, gained);
      for (const [partition, { next }] of positions)
        this.#held.set(partition, { cursor: next, isBlocked: false, isLeaving: false });
      listener.assigned(positions);
      this.wake();
    });
  }

  /** The lease is renewed until the listener is done with the partition, so there is no hurry. */
  #handOver(partition: number): void {
    const held = this.#held.get(partition);
    if (held?.isLeaving) return;
    if (held) held.isLeaving = true;
    void this.#giveUp(partition, held);
  }

  async #giveUp(partition: number, held: Held | undefined): Promise<void> {
    await this.#options.listener.revoked([partition], new AbortController().signal);
    if (this.#held.get(partition) === held) this.#held.delete(partition);
    if (!this.#isClosed) await this.#release([partition]);
  }

  /** A lease that cannot be given back runs out. */
  async #release(partitions?: readonly number[]): Promise<void> {
    const { groups } = this.#options;
    if (this.#topic) await groups.release(this.#member, this.#topic, partitions).catch(this.#failed);
  }

  /** Reads as long as there is something and somebody wants it; then sleeps until the file changes. */
  #read(): void {
    const topic = this.#topic;
    if (this.#isAsleep || !topic || this.#isClosed) return;
    this.mustRetry = true;
    this.#guarded(() => {
      let isDry = true;
      for (const [partition, held] of this.#held) {
        if (held.isBlocked || held.isLeaving) continue;
        const records = this.#options.file.readFrom(topic.id, partition, held.cursor, MAX_RECORDS);
        const last = records.at(-1);
        if (!last) continue;
        isDry = false;
        held.cursor = last.offset + 1n;
        const room = this.#options.listener.records(partition, records, {
          next: held.cursor,
          end: held.cursor,
        });
        if (room) void this.#waitFor(held, room);
      }
      this.mustRetry = false;
      this.#isAsleep = isDry;
      if (!isDry) setImmediate(() => this.#read());
    });
  }

  async #waitFor(held: Held, room: Promise<void>): Promise<void> {
    held.isBlocked = true;
    await room;
    held.isBlocked = false;
    this.wake();
  }

  /** A file that fails, or that somebody else writes to, is tried again at the next look. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#failed(error);
    }
  }

  readonly #failed = (error: unknown): void => {
    if (error instanceof FileBusy) this.renewsAt = 0;
    else this.problem = `the queue's file failed: ${(error as Error).message}`;
  };
}
