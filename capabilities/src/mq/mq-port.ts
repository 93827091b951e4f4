import type { CallContext, Driver } from '../capability.ts';
import type { OffsetRange } from './offset-ranges.ts';

/** One header; a name may come several times. */
export interface QueueHeader {
  name: string;
  /** Undefined: it has none, which is not the same as no byte. */
  value: Buffer | undefined;
}

/** One message on its way in. */
export interface QueueMessage {
  /** Messages of one key go to one partition, in order. */
  key: Buffer | undefined;
  /** Undefined: a tombstone. */
  value: Buffer | undefined;
  headers: readonly QueueHeader[];
  /** This partition, whatever the key says. */
  partition: number | undefined;
  /** Milliseconds until consumers may see it; 0: at once. */
  delayMs: number;
  /** Milliseconds since 1970. */
  timestampMs: number;
}

/** Where a message went. */
export interface QueueReceipt {
  partition: number;
  /** -1 where the resource was told not to wait for one. */
  offset: bigint;
}

/** One message as it is stored. */
export interface QueueRecord extends QueueReceipt {
  key: Buffer | undefined;
  /** Undefined: a tombstone. */
  value: Buffer | undefined;
  headers: readonly QueueHeader[];
  /** Milliseconds since 1970. */
  timestampMs: number;
}

/** What a consumer wants, and as whom. */
export interface QueueSubscription {
  topic: string;
  /** Members of one group share the partitions: each message goes to one of them. */
  group: string;
  /** Where a group that has never read begins: at the first message instead of behind the last. */
  fromBeginning: boolean;
}

/** How far a group is in a partition. */
export interface GroupPosition {
  /** The offset it reads next; it has finished with all below. */
  next: bigint;
  /** What it has finished with beyond that, in order. */
  ahead: readonly OffsetRange[];
}

/** How far a partition has been read. */
export interface Reached {
  /** The offset that is read next. There may be none between it and the last record. */
  next: bigint;
  /** The offset that the next message published there will get, as far as known. */
  end: bigint;
}

/** What a member of a group does with its partitions. The driver calls it; none of these may throw. */
export interface QueueListener {
  /** These partitions are its own from now on. Records follow, from `next` on; those `ahead` are among them. */
  assigned(positions: ReadonlyMap<number, GroupPosition>): void;
  /**
   * Records of one partition in order. A promise means that no more of this partition are wanted until it resolves.
   */
  records(partition: number, records: readonly QueueRecord[], reached: Reached): Promise<void> | undefined;
  /**
   * Another member gets these partitions. Resolves when nothing of them runs any more and what is finished is committed;
   * the driver waits for it, and when it cannot any longer, `signal` aborts. They are not its own when it resolves.
   */
  revoked(partitions: readonly number[], signal: AbortSignal): Promise<void>;
}

/** A batch of messages that cannot be read: its partition stands still. */
export interface BrokenBatch {
  /** Of its first message. */
  offset: bigint;
  /** Where it goes on behind it. */
  next: bigint;
  /** "compressed in a way that is not known (7)" */
  reason: string;
}

/** A member of a group; it joins by itself, again after every failure. */
export interface QueueConsumer {
  /** Why it gets no messages now; undefined while it is a member. */
  readonly problem: string | undefined;
  /**
   * Moves the group's position. Rejects, having moved none, when one of the partitions is another member's by now or the
   * queue does not answer.
   */
  commit(positions: ReadonlyMap<number, GroupPosition>): Promise<void>;
  /** The offset that the next message will get, for each partition of the topic. */
  ends(): Promise<ReadonlyMap<number, bigint>>;
  /** What stands in the way, by partition. */
  readonly broken: ReadonlyMap<number, BrokenBatch>;
  /** Goes on behind what stands in the way at this offset. False: nothing does. */
  skip(partition: number, offset: bigint): boolean;
  /** Leaves the group without asking the listener: call it when nothing runs any more. Never rejects. */
  close(): Promise<void>;
}

/** One partition as a group sees it. */
export interface PartitionState {
  partition: number;
  /** The oldest offset that is still there. */
  begin: bigint;
  /** The offset that the next message will get. */
  end: bigint;
  /** Undefined: the group has none there. */
  position: bigint | undefined;
}

/** What a topic is made with; what is left out is for the queue to say. */
export interface TopicSettings {
  partitions?: number;
  /** How long messages are kept. */
  retentionMs?: number;
}

/** What a message queue's driver does. Errors are BottleErrors whose details carry the broker's own code. */
export interface QueueDriver extends Driver {
  /**
   * Resolves, with one receipt for each message in order, when all of them are stored as safely as the resource is
   * configured to store them. Once the call's signal has aborted, what was not sent yet is not sent any more.
   */
  publish(topic: string, messages: readonly QueueMessage[], call: CallContext): Promise<QueueReceipt[]>;
  /** Joins a group; never throws, and keeps trying until it is closed. */
  consume(subscription: QueueSubscription, listener: QueueListener): QueueConsumer;
  /**
   * Makes a topic, unless there is one. Resolves with whether it has. Rejects with the broker's own code where this is not allowed.
   */
  ensureTopic(topic: string, settings: TopicSettings): Promise<boolean>;
  /** The partitions of a topic; none when there is no such topic. For operators, not for consuming. */
  describe(topic: string, group: string): Promise<PartitionState[]>;
  /** At most `limit` records from these offsets on, as far as there are any now. For operators, not for consuming. */
  browse(topic: string, from: ReadonlyMap<number, bigint>, limit: number): Promise<QueueRecord[]>;
  /** Sets the position of a group that has no members. */
  reposition(topic: string, group: string, positions: ReadonlyMap<number, bigint>): Promise<void>;
}
