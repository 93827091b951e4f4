import type { CallContext, Driver } from '../capability.ts';

/** One header; a name may come several times. */
export interface QueueHeader {
  name: string;
  value: Buffer;
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

/** What a message queue's driver does. Errors are BottleErrors whose details carry the broker's own code. */
export interface QueueDriver extends Driver {
  /**
   * Resolves, with one receipt for each message in order, when all of them are stored as safely as the resource is
   * configured to store them. Once the call's signal has aborted, what was not sent yet is not sent any more.
   */
  publish(topic: string, messages: readonly QueueMessage[], call: CallContext): Promise<QueueReceipt[]>;
}
