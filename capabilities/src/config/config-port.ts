import type { Driver } from '../capability.ts';

/** One value and where it stands. */
export interface ConfigRecord {
  key: string;
  /** JSON text; undefined where there is none. */
  valueJson: string | undefined;
  /** Grows with every change of the key; 0 when it never had a value. */
  revision: number;
  /** Milliseconds since 1970. */
  changedAtMs: number;
  /** Empty when nobody said. */
  changedBy: string;
}

export interface ConfigSetting {
  key: string;
  /** JSON text; undefined deletes. */
  valueJson: string | undefined;
  /** Only when this is the current revision. */
  expectedRevision: number | undefined;
  changedBy: string;
}

/** What a driver of configuration does. */
export interface ConfigDriver extends Driver {
  get(key: string): Promise<ConfigRecord>;
  /** Throws ABORTED `revision-conflict`. */
  set(setting: ConfigSetting): Promise<ConfigRecord>;
  /** Newest first, the current one included, at most MAX_REVISIONS. */
  history(key: string): Promise<ConfigRecord[]>;
  /** Those that have a value, by key. */
  list(prefix: string): Promise<ConfigRecord[]>;
  /**
   * Tells the current record as soon as it is known and every change after that, until the function it returns is
   * called. Outages only delay it.
   */
  watch(key: string, onRecord: (record: ConfigRecord) => void): () => void;
}

/** Revisions of a key that are kept. */
export const MAX_REVISIONS = 50;
/** Keys of a resource, deleted ones included: they keep their revisions. */
export const MAX_CONFIG_KEYS = 10_000;
