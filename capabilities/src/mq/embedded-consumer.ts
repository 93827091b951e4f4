import { randomUUID } from 'node:crypto';
import { BottleError, Code } from '@bottle/protos';
import type { GroupPosition, QueueConsumer, QueueListener, QueueSubscription } from './mq-port.ts';
import type { QueueFile, Topic } from './queue-file.ts';
import { type GroupMember, LEASE_MS, type QueueGroups } from './queue-groups.ts';

const RENEW_MS = LEASE_MS / 10;
/** How often another process's messages, and delayed ones, are looked for. */
const POLL_MS = 20;
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
export class EmbeddedConsumer implements QueueConsumer {
  readonly #options: EmbeddedConsumerOptions;
  readonly #member: GroupMember;
  readonly #held = new Map<number, Held>();
  readonly #poll: NodeJS.Timeout;
  readonly #renewal: NodeJS.Timeout;
  #topic: Topic | undefined;
  #seenVersion = -1;
  #isAsleep = false;
  #isClosed = false;
  problem: string | undefined = 'joining';

  constructor(options: EmbeddedConsumerOptions) {
    this.#options = options;
    this.#member = { ...options.subscription, member: randomUUID() };
    this.#renewal = setInterval(() => this.#renew(), RENEW_MS);
    this.#poll = setInterval(() => this.#look(), POLL_MS);
    setImmediate(() => this.#renew());
  }

  /** Something was appended in this process. */
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
      groups.commit(this.#member, this.#topic, positions);
    } catch (error) {
      if (error instanceof BottleError) throw error;
      throw new BottleError(Code.UNAVAILABLE, 'resource-unavailable', (error as Error).message);
    }
  }

  async ends(): Promise<ReadonlyMap<number, bigint>> {
    const { topic, group } = this.#member;
    return new Map(this.#options.groups.describe(topic, group).map(({ partition, end }) => [partition, end]));
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#poll);
    clearInterval(this.#renewal);
    this.#held.clear();
    this.#options.onClosed();
    this.#guarded(() => {
      if (this.#topic) this.#options.groups.release(this.#member, this.#topic);
    });
  }

  #renew(): void {
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
    this.#guarded(() => {
      if (this.#topic && !this.#isClosed) this.#options.groups.release(this.#member, this.#topic, [partition]);
    });
  }

  #look(): void {
    this.#guarded(() => {
      const { file } = this.#options;
      const version = file.dataVersion;
      if (version !== this.#seenVersion) this.#isAsleep = false;
      this.#seenVersion = version;
      if (file.promoteDue()) this.#isAsleep = false;
      this.#read();
    });
  }

  /** Reads as long as there is something and somebody wants it; then sleeps until the file changes. */
  #read(): void {
    const topic = this.#topic;
    if (this.#isAsleep || !topic || this.#isClosed) return;
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

  /** A file that fails is tried again at the next tick. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.problem = `the queue's file failed: ${(error as Error).message}`;
    }
  }
}
