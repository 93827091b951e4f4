/** A small text that processes change by turns. */
export interface SharedRecord {
  /** 1 for the first text, one more with every change. */
  revision: number;
  value: string;
}

/** Who is there, by the store's own clock. */
export interface Presence {
  /** In the order of their names. */
  members: string[];
  /** The store's time, in milliseconds since 1970. */
  nowMs: number;
}

/**
 * What the processes that share a lock resource know of each other. The platform's own: functions cannot reach it, and
 * its names never meet those of locks. Every operation may be sent twice.
 */
export interface SharedState {
  /** Undefined when nothing was ever written under this name. */
  read(name: string): Promise<SharedRecord | undefined>;
  /**
   * Writes if nobody else has since the revision that is expected (0: there is no record), as one atomic step: of all
   * who expect the same revision one writes. Answers what is there now, whoever wrote it.
   */
  write(name: string, value: string, expected: number): Promise<{ written: boolean; record: SharedRecord | undefined }>;
  /** Counts as a member of the group for `leaseMs` from now, unless it leaves before. */
  enter(group: string, member: string, leaseMs: number): Promise<Presence>;
  leave(group: string, member: string): Promise<void>;
  /** Adds an item to a list, of which the newest `max` are kept. Sent twice it may be there twice. */
  append(list: string, item: string, max: number): Promise<void>;
  /** The list, newest first. */
  items(list: string): Promise<string[]>;
}
