import { BottleError, Code } from '@bottle/protos';
import { KeyOrder } from './key-order.ts';

/** Members and fields are kept as binary strings: one character a byte. */
export type Stored =
  | { kind: 'string'; value: Buffer }
  | { kind: 'hash'; fields: Map<string, Buffer> }
  | { kind: 'list'; items: Buffer[] }
  | { kind: 'set'; members: Set<string> }
  | { kind: 'sorted'; scores: Map<string, number>; ranking?: readonly [member: string, score: number][] | undefined };

type Kind = Stored['kind'];
type Entry = Stored & { expiresAt: number; position: number };

export interface MemoryStoreOptions {
  /** Most keys; the one that was written longest ago goes first. */
  maxKeys: number;
  /** Milliseconds since 1970. */
  now(): number;
}

/** Typed values with expiry under binary keys. Expired ones are gone when they are looked at, or swept. */
export class MemoryStore {
  readonly #entries = new Map<string, Entry>();
  readonly #order = new KeyOrder();
  readonly #options: MemoryStoreOptions;

  constructor(options: MemoryStoreOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Of any kind. */
  peek(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (!entry || entry.expiresAt > this.#options.now()) return entry;
    this.#remove(key);
    return undefined;
  }

  /** Of this kind, or undefined. Throws WRONGTYPE on another. */
  find<K extends Kind>(key: string, kind: K): Extract<Entry, { kind: K }> | undefined {
    const entry = this.peek(key);
    if (entry && entry.kind !== kind) throw wrongType();
    return entry as Extract<Entry, { kind: K }> | undefined;
  }

  /** Of this kind; made when it is not there. */
  obtain<K extends Kind>(key: string, empty: Extract<Stored, { kind: K }>): Extract<Stored, { kind: K }> {
    const found = this.find(key, empty.kind);
    if (found) return found;
    this.put(key, empty);
    return this.peek(key) as unknown as Extract<Stored, { kind: K }>;
  }

  put(key: string, value: Stored, expiresAt: number = Number.POSITIVE_INFINITY): void {
    const position = this.#entries.get(key)?.position ?? this.#order.add(key);
    this.#entries.delete(key); // to the end: the first ones are the oldest
    this.#entries.set(key, Object.assign(value, { expiresAt, position }));
    if (this.#entries.size <= this.#options.maxKeys) return;
    for (const oldest of this.#entries.keys()) return this.#remove(oldest);
  }

  delete(key: string): boolean {
    const had = this.peek(key) !== undefined;
    if (had) this.#remove(key);
    return had;
  }

  /** A collection without members is no collection. */
  dropIfEmpty(key: string): void {
    const entry = this.#entries.get(key);
    if (entry && sizeOf(entry) === 0) this.#remove(key);
  }

  /**
   * A page of the keys, and the cursor of the next one; '' begins and ends. Every key that is there from the first page to
   * the last comes exactly once; those that come meanwhile do not, so there is a last page.
   */
  scan(cursor: string, count: number): { cursor: string; keys: string[] } {
    const [from = 0, end = this.#order.end] = cursor === '' ? [] : cursor.split('-').map(Number);
    const { items, next } = this.#order.page(from, count);
    const keys = items
      .filter(({ key, position }) => position < end && this.#entries.get(key)?.position === position && this.peek(key))
      .map(({ key }) => key);
    return { cursor: next < end ? `${next}-${end}` : '', keys };
  }

  clear(): void {
    this.#entries.clear();
    this.#order.clear();
  }

  #remove(key: string): void {
    this.#entries.delete(key);
    this.#order.removed((name, position) => this.#entries.get(name)?.position === position);
  }
}

function sizeOf(entry: Stored): number {
  if (entry.kind === 'hash') return entry.fields.size;
  if (entry.kind === 'list') return entry.items.length;
  if (entry.kind === 'set') return entry.members.size;
  if (entry.kind === 'sorted') return entry.scores.size;
  return 1;
}

function wrongType(): BottleError {
  const message = 'WRONGTYPE Operation against a key holding the wrong kind of value';
  return new BottleError(Code.FAILED_PRECONDITION, 'driver-error', message, { details: { driverCode: 'WRONGTYPE' } });
}
