import { BottleError, Code } from '@bottle/protos';
import { type ConfigRecord, type ConfigSetting, MAX_CONFIG_KEYS, MAX_REVISIONS } from './config-port.ts';

/** The values of a resource and the ones before them, in memory; says what changes to those who watch. */
export class ConfigRevisions {
  /** Newest first. */
  #records = new Map<string, ConfigRecord[]>();
  readonly #watchers = new Map<string, Set<(record: ConfigRecord) => void>>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get(key: string): ConfigRecord {
    return this.#records.get(key)?.[0] ?? noRecord(key);
  }

  /** The record that a setting would make. Throws ABORTED when its expected revision is not the current one. */
  plan({ key, valueJson, expectedRevision, changedBy }: ConfigSetting): ConfigRecord {
    const { revision } = this.get(key);
    if (expectedRevision !== undefined && expectedRevision !== revision)
      throw revisionConflict(key, expectedRevision, revision);
    if (revision === 0 && this.#records.size >= MAX_CONFIG_KEYS) throw tooManyKeys();
    return { key, valueJson, revision: revision + 1, changedAtMs: this.#now(), changedBy };
  }

  /** Makes a record the current one. */
  add(record: ConfigRecord): void {
    const before = this.#records.get(record.key) ?? [];
    this.#records.set(record.key, [record, ...before].slice(0, MAX_REVISIONS));
    for (const tell of this.#watchers.get(record.key) ?? []) tell(record);
  }

  history(key: string): ConfigRecord[] {
    return [...(this.#records.get(key) ?? [])];
  }

  /** The current records that have a value, by key. */
  list(prefix: string): ConfigRecord[] {
    return [...this.#records.values()]
      .flatMap(([current]) => (current?.valueJson !== undefined && current.key.startsWith(prefix) ? [current] : []))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  watch(key: string, tell: (record: ConfigRecord) => void): () => void {
    const watchers = this.#watchers.get(key) ?? new Set();
    this.#watchers.set(key, watchers.add(tell));
    tell(this.get(key));
    return () => {
      watchers.delete(tell);
      if (watchers.size === 0 && this.#watchers.get(key) === watchers) this.#watchers.delete(key);
    };
  }

  /** The current value of every key that has one. */
  *values(): Generator<[key: string, valueJson: string]> {
    for (const [key, [current]] of this.#records) if (current?.valueJson !== undefined) yield [key, current.valueJson];
  }

  /** Of all keys. */
  get count(): number {
    let count = 0;
    for (const records of this.#records.values()) count += records.length;
    return count;
  }

  /** All there is, the oldest of each key first, to be stored. */
  *all(): Generator<ConfigRecord> {
    for (const records of this.#records.values()) yield* records.toReversed();
  }

  /** Takes over what was stored where it is further on than what is known here. */
  restore(record: ConfigRecord): void {
    if (record.revision > this.get(record.key).revision) this.add(record);
  }

  /** The current record was stored, and then its value was not to be had. */
  takeBack({ key, revision }: Pick<ConfigRecord, 'key' | 'revision'>): void {
    const [current, ...before] = this.#records.get(key) ?? [];
    if (current?.revision !== revision) return;
    if (before.length === 0) this.#records.delete(key);
    else this.#records.set(key, before);
    for (const tell of this.#watchers.get(key) ?? []) tell(this.get(key));
  }

  clear(): void {
    this.#records.clear();
    this.#watchers.clear();
  }
}

/** What stands for a key that never had a value. */
export function noRecord(key: string): ConfigRecord {
  return { key, valueJson: undefined, revision: 0, changedAtMs: 0, changedBy: '' };
}

/** ABORTED: somebody else changed it first. */
export function revisionConflict(key: string, expected: number, current: number): BottleError {
  const message = `"${key}" is at revision ${current}, not ${expected}: somebody else changed it`;
  return new BottleError(Code.ABORTED, 'revision-conflict', message, { details: { key, revision: current } });
}

/** RESOURCE_EXHAUSTED: a resource is no database. */
export function tooManyKeys(): BottleError {
  const message = `a resource has at most ${MAX_CONFIG_KEYS} keys, deleted ones included`;
  return new BottleError(Code.RESOURCE_EXHAUSTED, 'too-many-keys', message);
}
