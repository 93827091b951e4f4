import type { DatabaseSync } from 'node:sqlite';

/**
 * A partition is a log: offsets count up from 0 without gaps, in the order of the commits. What a consumer sees is the
 * rows whose `visible_at` is 0: a delayed message has the time when it is due there (milliseconds since 1970), and is
 * appended again then, its first row marked with -1. A consumer group's position is the offset it reads next; `ahead`
 * says what it has finished with beyond that. `expires_at` is on the system's monotonic clock, in milliseconds.
 */
const TABLES = `
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
`;

const INCREMENTAL = 2;
/** SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL. */
const NOT_NOW: ReadonlySet<number> = new Set([5, 6, 13]);

/** Version 2: several processes consume. */
const CONSUMING = `
  ALTER TABLE group_positions ADD COLUMN ahead TEXT NOT NULL DEFAULT '';
  ALTER TABLE group_positions ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX messages_by_due_time ON messages (visible_at) WHERE visible_at > 0;
  CREATE TABLE group_members (
    consumer_group TEXT NOT NULL,
    topic INTEGER NOT NULL,
    member TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (consumer_group, topic, member)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE group_leases (
    consumer_group TEXT NOT NULL,
    topic INTEGER NOT NULL,
    partition INTEGER NOT NULL,
    member TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (consumer_group, topic, partition)
  ) STRICT, WITHOUT ROWID;
  PRAGMA user_version = 2;
`;

/** Free pages can be given back one by one. A file that is older is written anew, once, when nobody else uses it. */
function makeShrinkable(database: DatabaseSync): void {
  const { auto_vacuum: mode } = database.prepare('PRAGMA auto_vacuum').get() as { auto_vacuum: number };
  if (mode === INCREMENTAL) return;
  try {
    database.exec('PRAGMA auto_vacuum = INCREMENTAL; VACUUM');
  } catch (error) {
    const { errcode = 0 } = error as { errcode?: number };
    if (!NOT_NOW.has(errcode & 0xff)) throw error; // it is busy, or the disk is full: it serves as it is
  }
}

/** Makes the tables, or brings those of an older version up to date; other processes may do so at the same time. */
export function prepareQueueTables(database: DatabaseSync): void {
  // WAL and NORMAL: a commit is in the system's hands when it returns, so it outlives this process however that ends;
  // the loss of power may take the last commits, never damage the file.
  // The write-ahead log, too, gives back what a burst of messages took.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 4194304');
  // The thread of the retention does it. Here only when that does not get to it: it waits for the disk.
  database.exec('PRAGMA wal_autocheckpoint = 8192');
  makeShrinkable(database);
  database.exec('BEGIN IMMEDIATE');
  try {
    database.exec(TABLES);
    const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
    if (version < 2) database.exec(CONSUMING);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}
