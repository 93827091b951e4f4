import type { BottleError } from '@bottle/protos';
import type { Driver } from '../capability.ts';

/** An answer in the terms of RESP; a string is a status ("OK"), texts are Buffers. */
export type Reply = null | number | boolean | bigint | string | Buffer | Reply[];

/** A command by its Redis name. The driver adds the resource's prefix to the keys. */
export interface Command {
  name: string;
  before?: readonly (string | Buffer)[];
  keys: readonly string[];
  args: readonly (string | Buffer)[];
}

export interface ScanPage {
  /** Empty when this was the last page. */
  cursor: string;
  keys: string[];
}

/** What a cache driver does. Errors are BottleErrors whose details carry the store's own code ("WRONGTYPE"). */
export interface CacheDriver extends Driver {
  command(command: Command): Promise<Reply>;
  /** All of them with nothing in between, or none. */
  transaction(commands: readonly Command[]): Promise<Reply[]>;
  script(source: string, keys: readonly string[], args: readonly Buffer[]): Promise<Reply>;
  /** Puts another value in place of exactly this one, or deletes it when there is none; false: it was not that one. */
  compareAndSet(key: string, expected: Buffer, next: { value: Buffer; ttlMs: number } | undefined): Promise<boolean>;
  scan(cursor: string, match: string, count: number): Promise<ScanPage>;
  publish(channel: string, payload: Buffer): Promise<number>;
  /** Resolves when the subscription stands, with what ends it. */
  subscribe(channels: readonly string[], subscriber: Subscriber): Promise<() => Promise<void>>;
}

export interface Subscriber {
  onMessage(channel: string, payload: Buffer): void;
  /** The connection broke: messages may have been lost, further ones will not come. */
  onLost(error: BottleError): void;
}
