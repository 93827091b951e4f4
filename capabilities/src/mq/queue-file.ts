import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { QueueHeader, QueueMessage, QueueReceipt } from './mq-port.ts';
import { assertPartition, partitionOfKey } from './partitioning.ts';

/**
 * A partition is a log: offsets count up from 0 without gaps, in the order of the commits. A consumer group's position
 * is the offset it reads next; `visible_at` keeps delayed messages from being read before their time.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS topics (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    partitions INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS partitions (
    topic INTEGER NOT NULL REFERENCES topics (id),
    number INTEGER NOT NULL,
    next_offset INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (topic, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS messages (
    topic INTEGER NOT NULL,
    partition INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    timestamp_ms INTEGER NOT NULL,
    visible_at INTEGER NOT NULL,
    key BLOB,
    value BLOB,
    headers TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS messages_by_offset ON messages (topic, partition, offset);
  CREATE TABLE IF NOT EXISTS group_positions (
    consumer_group TEXT NOT NULL,
    topic INTEGER NOT NULL,
    partition INTEGER NOT NULL,
    next_offset INTEGER NOT NULL,
    PRIMARY KEY (consumer_group, topic, partition)
  ) STRICT, WITHOUT ROWID;
  PRAGMA user_version = 1;
`;

const READ = `
  SELECT m.partition, m.offset, m.timestamp_ms, m.key, m.value, m.headers
  FROM messages m JOIN topics t ON t.id = m.topic WHERE t.name = ? ORDER BY m.partition, m.offset
`;

interface Row {
  partition: number;
  offset: number;
  timestamp_ms: number;
  key: Uint8Array | null;
  value: Uint8Array | null;
  headers: string;
}

/** A message as it is kept. */
export interface StoredMessage extends QueueReceipt {
  key: Buffer | undefined;
  /** Undefined: a tombstone. */
  value: Buffer | undefined;
  headers: readonly QueueHeader[];
  timestampMs: number;
}

/** Another process may be writing: it takes milliseconds, and this one waits for it. */
const BUSY_TIMEOUT_MS = 1_000;

export interface QueueFileOptions {
  /** ":memory:" for none. */
  file: string;
  /** Partitions of a topic that is created. */
  partitions: number;
  /** Most messages that a partition keeps; the oldest go first. */
  maxMessages: number;
}

interface Topic {
  id: number;
  name: string;
  partitions: number;
  /** Where the next message without a key goes. */
  turn: number;
}

/** Topics with their messages in one SQLite file. */
export class QueueFile {
  readonly #options: QueueFileOptions;
  readonly #database: DatabaseSync;
  readonly #topics = new Map<string, Topic>();
  readonly #reserve: StatementSync;
  readonly #insert: StatementSync;
  readonly #trim: StatementSync;

  constructor(options: QueueFileOptions) {
    this.#options = options;
    // Loaded here: most processes have no queue, and it warns of being experimental.
    const sqlite = process.getBuiltinModule('node:sqlite');
    this.#database = new sqlite.DatabaseSync(options.file, { timeout: BUSY_TIMEOUT_MS });
    // WAL and NORMAL: a commit is in the system's hands when it returns, so it outlives this process however that ends;
    // the loss of power may take the last commits, never damage the file.
    this.#database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${SCHEMA}`);
    this.#reserve = this.#database.prepare(
      'UPDATE partitions SET next_offset = next_offset + 1 WHERE topic = ? AND number = ? RETURNING next_offset - 1 AS at',
    );
    this.#reserve.setReadBigInts(true);
    this.#insert = this.#database.prepare(
      'INSERT INTO messages (topic, partition, offset, timestamp_ms, visible_at, key, value, headers) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#trim = this.#database.prepare('DELETE FROM messages WHERE topic = ? AND partition = ? AND offset < ?');
  }

  /** Runs it as one transaction: what it appended is stored when this returns, and nothing is when it throws. */
  commit(appends: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      appends();
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#topics.clear(); // those created in this transaction are gone with it
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Appends messages, inside `commit`. Throws before it appends any when one names a partition there is not. */
  append(name: string, messages: readonly QueueMessage[]): QueueReceipt[] {
    const topic = this.#topics.get(name) ?? this.#open(name);
    for (const { partition } of messages)
      if (partition !== undefined) assertPartition(name, partition, topic.partitions);
    return messages.map((message) => {
      const partition = this.#partitionFor(topic, message);
      const { id } = topic;
      const { at: offset } = this.#reserve.get(id, partition) as { at: bigint };
      const { timestampMs, delayMs, key, value, headers } = message;
      const visibleAt = delayMs === 0 ? 0 : Date.now() + delayMs;
      this.#insert.run(id, partition, offset, timestampMs, visibleAt, key ?? null, value ?? null, textOf(headers));
      this.#trim.run(id, partition, offset + 1n - BigInt(this.#options.maxMessages));
      return { partition, offset };
    });
  }

  /** Everything in a topic, partition by partition. */
  read(name: string): StoredMessage[] {
    const rows = this.#database.prepare(READ).all(name) as unknown as Row[];
    return rows.map(({ partition, offset, timestamp_ms: timestampMs, key, value, headers }) => ({
      partition,
      offset: BigInt(offset),
      timestampMs,
      key: key === null ? undefined : Buffer.from(key),
      value: value === null ? undefined : Buffer.from(value),
      headers: headersOf(headers),
    }));
  }

  /** Whether the file can be read. */
  check(): void {
    this.#database.prepare('SELECT count(*) FROM topics').get();
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #partitionFor(topic: Topic, { key, partition }: QueueMessage): number {
    if (partition !== undefined) return partition;
    if (key !== undefined) return partitionOfKey(key, topic.partitions);
    topic.turn = (topic.turn + 1) % topic.partitions;
    return topic.turn;
  }

  /** Creates what is not there yet. */
  #open(name: string): Topic {
    const { partitions } = this.#options;
    const created = this.#database
      .prepare('INSERT INTO topics (name, partitions) VALUES (?, ?) ON CONFLICT (name) DO NOTHING')
      .run(name, partitions);
    const row = this.#database.prepare('SELECT id, partitions FROM topics WHERE name = ?').get(name);
    const topic = { ...(row as { id: number; partitions: number }), name, turn: -1 };
    if (created.changes !== 0) {
      const add = this.#database.prepare('INSERT INTO partitions (topic, number) VALUES (?, ?)');
      for (let number = 0; number < partitions; number++) add.run(topic.id, number);
    }
    this.#topics.set(name, topic);
    return topic;
  }
}

/** Names and values in turn; values in base64, because they are bytes. */
function textOf(headers: readonly QueueHeader[]): string {
  return JSON.stringify(headers.map(({ name, value }) => [name, value.toString('base64')]));
}

function headersOf(text: string): QueueHeader[] {
  const pairs = JSON.parse(text) as [name: string, value: string][];
  return pairs.map(([name, value]) => ({ name, value: Buffer.from(value, 'base64') }));
}
