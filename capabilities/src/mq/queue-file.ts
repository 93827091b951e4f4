import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { BottleError, Code } from '@bottle/protos';
import type { QueueHeader, QueueMessage, QueueReceipt, QueueRecord } from './mq-port.ts';
import { assertPartition, partitionOfKey } from './partitioning.ts';
import { QueueRetention } from './queue-retention.ts';
import { prepareQueueTables } from './queue-schema.ts';

const COLUMNS = 'partition, offset, timestamp_ms, key, value, headers';

interface Row {
  partition: number;
  offset: number;
  timestamp_ms: number;
  key: Uint8Array | null;
  value: Uint8Array | null;
  headers: string;
}

interface DueRow extends Row {
  topic: number;
  name: string;
  rowid: number;
}

/** Somebody else may be writing: that takes milliseconds, and whoever wants to write tries again until then. */
export const BUSY_TIMEOUT_MS = 1_000;
export const BUSY_RETRY_MS = 2;
const SQLITE_BUSY = 5;
/** A group that nobody was a member of for so long does not keep messages from going. */
const GROUP_MEMORY_MS = 7 * 86_400_000;
/** How long it is believed that no group is too far behind. */
const ROOM_CHECK_MS = 100;
const MAX_PROMOTED = 100;

export interface QueueFileOptions {
  /** ":memory:" for none. */
  file: string;
  /** Partitions of a topic that is created. */
  partitions: number;
  /** Most messages that a partition keeps; the oldest go first, but never one that a group has yet to read. */
  maxMessages: number;
  /** Most bytes of all messages; publishing is refused beyond. */
  maxBytes: number;
  /** How long messages that every group has read are kept. */
  retentionMs: number;
  /** Bytes of the file beyond which those go sooner. */
  retentionBytes: number;
}

export interface Topic {
  id: number;
  name: string;
  partitions: number;
  /** Where the next message without a key goes. */
  turn: number;
  /** When it was last made sure that no group is too far behind. */
  checkedAt: number;
}

/** Another process, or another thread of this one, is writing: it takes milliseconds. */
export class FileBusy extends Error {
  override readonly name = 'FileBusy';
}

/** Topics with their messages in one SQLite file. */
export class QueueFile {
  readonly database: DatabaseSync;
  readonly retention: QueueRetention;
  readonly #options: QueueFileOptions;
  readonly #topics = new Map<string, Topic>();
  readonly #reserve: StatementSync;
  readonly #insert: StatementSync;
  readonly #trim: StatementSync;
  readonly #behind: StatementSync;
  readonly #due: StatementSync;
  readonly #visible: StatementSync;
  readonly #version: StatementSync;
  readonly #nextDue: StatementSync;
  readonly #ends: StatementSync;
  readonly #seenEnds = new Map<string, number>();

  constructor(options: QueueFileOptions) {
    this.#options = options;
    // Loaded here: most processes have no queue, and it warns of being experimental.
    const sqlite = process.getBuiltinModule('node:sqlite');
    this.database = new sqlite.DatabaseSync(options.file, { timeout: BUSY_TIMEOUT_MS });
    try {
      prepareQueueTables(this.database);
    } catch (error) {
      this.database.close();
      if (error instanceof Error) error.message += ` (${options.file})`;
      throw error;
    }
    this.database.exec('PRAGMA busy_timeout = 0'); // SQLite would sleep, and this thread with it
    const { retentionMs, retentionBytes } = options;
    this.retention = new QueueRetention({
      database: this.database,
      file: options.file,
      retentionMs,
      retentionBytes,
      groupMemoryMs: GROUP_MEMORY_MS,
    });
    this.#reserve = this.database.prepare(
      'UPDATE partitions SET next_offset = next_offset + 1 WHERE topic = ? AND number = ? RETURNING next_offset - 1 AS at',
    );
    this.#reserve.setReadBigInts(true);
    this.#insert = this.database.prepare(
      'INSERT INTO messages (topic, partition, offset, timestamp_ms, visible_at, key, value, headers) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#trim = this.database.prepare(`
      DELETE FROM messages WHERE topic = $topic AND partition = $partition AND visible_at <= 0 AND offset < min($floor, coalesce(
        (SELECT min(next_offset) FROM group_positions WHERE topic = $topic AND partition = $partition AND seen_at > $since),
        $floor))
    `);
    this.#behind = this.database.prepare(`
      SELECT g.consumer_group AS name FROM group_positions g
      JOIN partitions p ON p.topic = g.topic AND p.number = g.partition
      WHERE g.topic = ? AND g.seen_at > ? AND p.next_offset - g.next_offset >= ? LIMIT 1
    `);
    this.#due = this.database.prepare(
      `SELECT topic, t.name, m.rowid, ${COLUMNS} FROM messages m JOIN topics t ON t.id = m.topic
       WHERE visible_at > 0 AND visible_at <= ? ORDER BY visible_at, m.rowid LIMIT ?`,
    );
    this.#visible = this.database.prepare(
      `SELECT ${COLUMNS} FROM messages WHERE topic = ? AND partition = ? AND offset >= ? AND visible_at = 0 ORDER BY offset LIMIT ?`,
    );
    this.#version = this.database.prepare('PRAGMA data_version');
    this.#nextDue = this.database.prepare('SELECT min(visible_at) AS at FROM messages WHERE visible_at > 0');
    this.#ends = this.database.prepare(
      'SELECT t.name, sum(p.next_offset) AS written FROM partitions p JOIN topics t ON t.id = p.topic GROUP BY t.id',
    );
  }

  /**
   * Runs it as one transaction: what it did is stored when this returns, and nothing is when it throws. Throws FileBusy,
   * without having begun, while somebody else writes.
   */
  commit<Result>(work: () => Result): Result {
    try {
      this.database.exec('BEGIN IMMEDIATE');
    } catch (error) {
      const { errcode = 0 } = error as { errcode?: number };
      throw (errcode & 0xff) === SQLITE_BUSY ? new FileBusy((error as Error).message, { cause: error }) : error;
    }
    try {
      const result = work();
      this.database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#topics.clear(); // those created in this transaction are gone with it
      this.database.exec('ROLLBACK');
      throw error;
    }
  }

  /** The same, as soon as nobody else writes. */
  async commitInTurn<Result>(work: () => Result): Promise<Result> {
    for (const until = performance.now() + BUSY_TIMEOUT_MS; ; ) {
      try {
        return this.commit(work);
      } catch (error) {
        if (!(error instanceof FileBusy) || performance.now() > until) throw error;
      }
      await delay(BUSY_RETRY_MS);
    }
  }

  /** Throws when one of the messages names a partition there is not. Inside `commit`, for it may create the topic. */
  assertPartitions(name: string, messages: readonly QueueMessage[]): void {
    const { partitions } = this.topic(name);
    for (const { partition } of messages) if (partition !== undefined) assertPartition(name, partition, partitions);
  }

  /**
   * Appends messages, inside `commit`. Throws before it appends any when a group is so far behind that an unread message
   * would have to go, or when the file is full.
   */
  append(name: string, messages: readonly QueueMessage[]): QueueReceipt[] {
    const topic = this.topic(name);
    this.#assertRoom(topic);
    const now = Date.now();
    return messages.map(({ delayMs, ...message }) => {
      const partition = this.#partitionFor(topic, message);
      return { partition, offset: this.#store(topic.id, partition, message, delayMs === 0 ? 0 : now + delayMs) };
    });
  }

  /** Appends what is due by now, once more and visibly, or the first part of it. Answers to which topics. */
  promoteDue(): Set<string> {
    const now = Date.now();
    const topics = new Set<string>();
    if (this.#due.get(now, 1) === undefined) return topics;
    this.commit(() => {
      const done = this.database.prepare('UPDATE messages SET visible_at = -1, value = NULL WHERE rowid = ?');
      for (const row of this.#due.all(now, MAX_PROMOTED) as unknown as DueRow[]) {
        const { headers, partition, ...record } = recordOf(row);
        this.#store(row.topic, partition, { headers, ...record }, 0);
        done.run(row.rowid);
        topics.add(row.name);
      }
    });
    return topics;
  }

  /** When the next delayed message is due, in milliseconds since 1970; infinity when there is none. */
  nextDueAt(): number {
    return (this.#nextDue.get() as { at: number | null }).at ?? Number.POSITIVE_INFINITY;
  }

  /** The topics to which something was appended since the last time, by whichever process. */
  changedTopics(): string[] {
    const changed: string[] = [];
    for (const { name, written } of this.#ends.all() as { name: string; written: number }[]) {
      if (this.#seenEnds.get(name) === written) continue;
      this.#seenEnds.set(name, written);
      changed.push(name);
    }
    return changed;
  }

  /** Everything in a topic, partition by partition; delayed messages, too. */
  read(name: string): QueueRecord[] {
    const where = 'topic = (SELECT id FROM topics WHERE name = ?) AND visible_at >= 0';
    const sql = `SELECT ${COLUMNS} FROM messages WHERE ${where} ORDER BY partition, offset`;
    return (this.database.prepare(sql).all(name) as unknown as Row[]).map(recordOf);
  }

  /** Visible messages of one partition from an offset on. */
  readFrom(topic: number, partition: number, from: bigint, limit: number): QueueRecord[] {
    return (this.#visible.all(topic, partition, from, limit) as unknown as Row[]).map(recordOf);
  }

  /** Changes whenever another connection has changed the file. */
  get dataVersion(): number {
    return (this.#version.get() as { data_version: number }).data_version;
  }

  /** The topic if it is there. */
  findTopic(name: string): Topic | undefined {
    const known = this.#topics.get(name);
    if (known) return known;
    const row = this.database.prepare('SELECT id, partitions FROM topics WHERE name = ?').get(name);
    if (!row) return undefined;
    const topic = { ...(row as { id: number; partitions: number }), name, turn: -1, checkedAt: 0 };
    this.#topics.set(name, topic);
    return topic;
  }

  /** The topic; creates what is not there yet, inside `commit`. */
  topic(name: string): Topic {
    const found = this.findTopic(name);
    if (found) return found;
    const { partitions } = this.#options;
    const { lastInsertRowid } = this.database
      .prepare('INSERT INTO topics (name, partitions) VALUES (?, ?)')
      .run(name, partitions);
    const add = this.database.prepare('INSERT INTO partitions (topic, number) VALUES (?, ?)');
    for (let number = 0; number < partitions; number++) add.run(lastInsertRowid, number);
    const topic = { id: Number(lastInsertRowid), name, partitions, turn: -1, checkedAt: 0 };
    this.#topics.set(name, topic);
    return topic;
  }

  /** Whether the file can be read. */
  check(): void {
    this.database.prepare('SELECT count(*) FROM topics').get();
  }

  close(): void {
    this.retention.close();
    if (this.database.isOpen) this.database.close();
  }

  #store(topic: number, partition: number, message: Stored, visibleAt: number): bigint {
    const { at: offset } = this.#reserve.get(topic, partition) as { at: bigint };
    const { timestampMs, key, value, headers } = message;
    this.#insert.run(topic, partition, offset, timestampMs, visibleAt, key ?? null, value ?? null, textOf(headers));
    const floor = offset + 1n - BigInt(this.#options.maxMessages);
    if (floor > 0n) {
      const since = Date.now() - GROUP_MEMORY_MS;
      this.#trim.run({ $topic: topic, $partition: partition, $floor: floor, $since: since });
    }
    return offset;
  }

  #assertRoom(topic: Topic): void {
    const now = Date.now();
    if (Math.abs(now - topic.checkedAt) < ROOM_CHECK_MS) return;
    const { maxMessages } = this.#options;
    const behind = this.#behind.get(topic.id, now - GROUP_MEMORY_MS, maxMessages) as { name: string } | undefined;
    if (behind) {
      const message = `group ${behind.name} has ${maxMessages} messages of a partition of ${topic.name} to read, and no more are kept`;
      throw new BottleError(Code.RESOURCE_EXHAUSTED, 'partition-full', message);
    }
    const { maxBytes } = this.#options;
    if (this.retention.usedBytes >= maxBytes) {
      const message = `the queue's file holds ${maxBytes} bytes of messages that are not read, and no more are kept`;
      throw new BottleError(Code.RESOURCE_EXHAUSTED, 'partition-full', message);
    }
    topic.checkedAt = now;
  }

  #partitionFor(topic: Topic, { key, partition }: Pick<QueueMessage, 'key' | 'partition'>): number {
    if (partition !== undefined) return partition;
    if (key !== undefined) return partitionOfKey(key, topic.partitions);
    topic.turn = (topic.turn + 1) % topic.partitions;
    return topic.turn;
  }
}

type Stored = Pick<QueueMessage, 'key' | 'value' | 'headers' | 'timestampMs'>;

function recordOf({ partition, offset, timestamp_ms: timestampMs, key, value, headers }: Row): QueueRecord {
  return {
    partition,
    offset: BigInt(offset),
    timestampMs,
    key: key === null ? undefined : bufferOf(key),
    value: value === null ? undefined : bufferOf(value),
    headers: headersOf(headers),
  };
}

/** The same memory: SQLite has copied it already. */
function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Names and values in turn; values in base64, because they are bytes, or null. */
function textOf(headers: readonly QueueHeader[]): string {
  return JSON.stringify(headers.map(({ name, value }) => [name, value?.toString('base64') ?? null]));
}

function headersOf(text: string): QueueHeader[] {
  const pairs = JSON.parse(text) as [name: string, value: string | null][];
  return pairs.map(([name, value]) => ({ name, value: value === null ? undefined : Buffer.from(value, 'base64') }));
}
