import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { type ObjectDescription, type ObjectEntry, objectExists, type ObjectSelection } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';

/** An object, and the name of the file with its bytes. */
export interface IndexedObject {
  info: ObjectDescription;
  blob: string;
}

/** Another process may be writing. */
const BUSY_MS = 1_000;

/** Keys are compared by their bytes. `bytes` of `totals` is what all objects have together. */
const TABLES = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 4194304;
  CREATE TABLE IF NOT EXISTS objects (
    key TEXT NOT NULL PRIMARY KEY,
    blob TEXT NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    content_type TEXT NOT NULL,
    metadata TEXT NOT NULL,
    modified_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX IF NOT EXISTS objects_by_blob ON objects (blob);
  CREATE TABLE IF NOT EXISTS totals (id INTEGER PRIMARY KEY CHECK (id = 1), bytes INTEGER NOT NULL) STRICT;
  INSERT OR IGNORE INTO totals (id, bytes) VALUES (1, 0);
`;

interface Row {
  key: string;
  blob: string;
  size: number;
  etag: string;
  content_type: string;
  metadata: string;
  modified_ms: number;
}

/** Which objects there are, and in which files. A change is there whole or not at all, for all processes. */
export class ObjectIndex {
  readonly #database: DatabaseSync;
  readonly #maxBytes: number;
  readonly #find: StatementSync;
  readonly #after: StatementSync;
  readonly #hasBlob: StatementSync;

  constructor(file: string, maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#database = new DatabaseSync(file, { timeout: BUSY_MS });
    this.#database.exec(TABLES);
    this.#find = this.#database.prepare('SELECT * FROM objects WHERE key = ?');
    this.#after = this.#database.prepare('SELECT * FROM objects WHERE key >= ? AND key > ? ORDER BY key LIMIT ?');
    this.#hasBlob = this.#database.prepare('SELECT 1 FROM objects WHERE blob = ?');
  }

  find(key: string): IndexedObject | undefined {
    const row = this.#find.get(key) as Row | undefined;
    return row && { info: infoOf(row), blob: row.blob };
  }

  /** Costs what it answers. */
  list({ prefix, after, limit }: ObjectSelection): { objects: ObjectEntry[]; isLast: boolean } {
    const rows = this.#after.all(prefix, after, limit + 1) as unknown as Row[];
    const end = rows.findIndex(({ key }) => !key.startsWith(prefix));
    const found = end === -1 ? rows : rows.slice(0, end);
    return { objects: found.slice(0, limit).map(infoOf), isLast: found.length <= limit };
  }

  hasBlob(blob: string): boolean {
    return this.#hasBlob.get(blob) !== undefined;
  }

  /** Throws RESOURCE_EXHAUSTED when an object of this size would be too much, in place of the one under its key. */
  assertRoom(key: string, size: number): void {
    const { bytes } = this.#database.prepare('SELECT bytes FROM totals').get() as { bytes: number };
    const before = (this.#find.get(key) as Row | undefined)?.size ?? 0;
    if (bytes - before + size <= this.#maxBytes) return;
    const message = `the objects would have more than the ${this.#maxBytes} bytes of maxBytes`;
    throw new BottleError(Code.RESOURCE_EXHAUSTED, 'objects-full', message);
  }

  /** Answers the file of the object that was replaced. */
  put({ info, blob }: IndexedObject, ifAbsent: boolean): string | undefined {
    return this.#atOnce(() => {
      const before = this.find(info.key);
      if (before && ifAbsent) throw objectExists(info.key);
      this.assertRoom(info.key, info.size);
      const { key, size, etag, contentType, lastModifiedMs } = info;
      this.#database
        .prepare('INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?, ?)')
        .run(key, blob, size, etag, contentType, JSON.stringify(info.metadata), lastModifiedMs);
      this.#add(size - (before?.info.size ?? 0));
      return before?.blob;
    });
  }

  /** Answers the file of the object that was removed. */
  remove(key: string): string | undefined {
    return this.#atOnce(() => {
      const before = this.find(key);
      if (!before) return undefined;
      this.#database.prepare('DELETE FROM objects WHERE key = ?').run(key);
      this.#add(-before.info.size);
      return before.blob;
    });
  }

  close(): void {
    this.#database.close();
  }

  #add(bytes: number): void {
    this.#database.prepare('UPDATE totals SET bytes = bytes + ?').run(bytes);
  }

  #atOnce<Result>(change: () => Result): Result {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = change();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}

function infoOf(row: Row): ObjectDescription {
  const { key, size, etag, content_type: contentType, modified_ms: lastModifiedMs } = row;
  const metadata = JSON.parse(row.metadata) as Record<string, string>;
  return { key, size, etag, contentType, lastModifiedMs, metadata };
}
