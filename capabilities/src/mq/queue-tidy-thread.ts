// Tidies up a queue's file, once, in small transactions: whoever appends to it meanwhile waits a millisecond or two.
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { TidyOptions } from './queue-retention.ts';

/** Another process may be writing, or this one. */
const BUSY_TIMEOUT_MS = 2_000;
/** Longest transaction that deletes; large values take their time. */
const SLICE_MS = 3;
const ROWS = 256;
/** Given back to the file system in one transaction. */
const PAGES = 64;
/** Free pages that are left for what comes next. */
const SPARE_PAGES = 256;
/** Between transactions, and at least so many times as long as one took: the file belongs to those who publish. */
const PAUSE_MS = 3;
const PAUSE_SHARE = 2;

interface Floor {
  topic: number;
  partition: number;
  /** All groups have read what is below. */
  floor: number;
}

const { file, retentionMs, retentionBytes, groupMemoryMs } = workerData as TidyOptions;
using database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
database.exec('PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0');
const pages = database.prepare(
  'SELECT page_count AS count, freelist_count AS free, page_size AS size FROM pragma_page_count, pragma_freelist_count, pragma_page_size',
);
const oldest = database.prepare(`
  SELECT rowid, timestamp_ms AS at FROM messages WHERE topic = ? AND partition = ? AND offset < ? AND visible_at <= 0
  ORDER BY offset LIMIT ${ROWS}
`);
const remove = database.prepare('DELETE FROM messages WHERE rowid = ?');
const sleeper = new Int32Array(new SharedArrayBuffer(4));

checkpoint(); // first, or the log grows by what follows
const deleted = deleteRead();
giveBack();
checkpoint();
shrinkLog();
parentPort?.postMessage(deleted);

/** One transaction, and a pause for the others. */
function inTurn(work: () => void): void {
  const startedAt = performance.now();
  work();
  Atomics.wait(sleeper, 0, 0, PAUSE_MS + PAUSE_SHARE * (performance.now() - startedAt));
}

/** The partitions in turn, until nothing goes any more. */
function deleteRead(): number {
  let floors = database
    .prepare(
      'SELECT topic, partition, min(next_offset) AS floor FROM group_positions WHERE seen_at > ? GROUP BY topic, partition',
    )
    .all(Date.now() - groupMemoryMs) as unknown as Floor[];
  let count = 0;
  while (floors.length > 0) {
    floors = floors.filter((floor) => {
      const { gone, isDone } = deleteOldest(floor);
      count += gone;
      return !isDone;
    });
  }
  return count;
}

function deleteOldest({ topic, partition, floor }: Floor): { gone: number; isDone: boolean } {
  const before = Date.now() - retentionMs;
  const rows = oldest.all(topic, partition, floor) as { rowid: number; at: number }[];
  const isTooLarge = usedBytes() > retentionBytes;
  const kept = isTooLarge ? -1 : rows.findIndex(({ at }) => at >= before);
  const wanted = kept < 0 ? rows : rows.slice(0, kept);
  if (wanted.length === 0) return { gone: 0, isDone: true };
  let gone = 0;
  inTurn(() => {
    database.exec('BEGIN IMMEDIATE');
    const until = performance.now() + SLICE_MS;
    for (const { rowid } of wanted) {
      remove.run(rowid);
      gone += 1;
      if (performance.now() > until) break;
    }
    database.exec('COMMIT');
  });
  return { gone, isDone: false };
}

function giveBack(): void {
  for (;;) {
    const { free } = pages.get() as { free: number };
    if (free <= SPARE_PAGES) return;
    inTurn(() => database.exec(`PRAGMA incremental_vacuum(${Math.min(PAGES, free - SPARE_PAGES)})`));
    if ((pages.get() as { free: number }).free >= free) return; // an older file that could not be changed
  }
}

/** Without waiting for anybody. Only then does the file itself get smaller. */
function checkpoint(): void {
  database.exec('PRAGMA wal_checkpoint(PASSIVE)');
}

/** Unless somebody reads or writes: then it is taken up from its beginning, and cut the next time. */
function shrinkLog(): void {
  database.exec('PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)');
}

function usedBytes(): number {
  const { count, free, size } = pages.get() as { count: number; free: number; size: number };
  return (count - free) * size;
}
