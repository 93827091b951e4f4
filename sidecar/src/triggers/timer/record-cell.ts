// What this pod knows of a record that all pods change.
//  1. A change is made to the newest text there is: the store takes it only if nobody has written since.
//  2. Changes of this pod come one after the other.
//  3. No two writes are the same text: the store takes one that it knows for a repetition.
import { randomUUID } from 'node:crypto';
import type { SharedRecord, SharedState } from '@bottle/capabilities';

/** Each refusal means that another pod came through, so this many in a row are a store that lies. */
const MAX_ATTEMPTS = 100;

/** As it is stored. */
interface Envelope<Value> {
  by: string;
  value: Value;
}

export class RecordCell<Value extends object> {
  readonly #state: Pick<SharedState, 'read' | 'write'>;
  readonly #name: string;
  #value: Value | undefined;
  #revision = 0;
  #line: Promise<unknown> = Promise.resolve();

  constructor(state: Pick<SharedState, 'read' | 'write'>, name: string) {
    this.#state = state;
    this.#name = name;
  }

  /** As last seen; undefined when there is none. */
  get value(): Value | undefined {
    return this.#value;
  }

  /** Of the value as last seen. */
  get revision(): number {
    return this.#revision;
  }

  /** Asks the store. */
  refresh(): Promise<void> {
    return this.#inLine(async () => this.#see(await this.#state.read(this.#name)));
  }

  /**
   * Writes what `change` makes of the newest value, which it may be asked for several times; undefined ends it without
   * a write. Resolves with whether something was written.
   */
  update(change: (value: Value | undefined, revision: number) => Value | undefined): Promise<boolean> {
    return this.#inLine(async () => {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        const next = change(this.#value, this.#revision);
        if (next === undefined) return false;
        const text = JSON.stringify({ by: randomUUID(), value: next } satisfies Envelope<Value>); // 3
        const { written, record } = await this.#state.write(this.#name, text, this.#revision);
        this.#see(record);
        if (written) return true;
      }
      throw new Error(`${this.#name} was changed by others ${MAX_ATTEMPTS} times in a row`);
    });
  }

  #see(record: SharedRecord | undefined): void {
    this.#revision = record?.revision ?? 0;
    this.#value = record && (JSON.parse(record.value) as Envelope<Value>).value;
  }

  #inLine<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#line.then(work, work);
    this.#line = result.catch(() => {}); // whoever waits for the result hears of it
    return result;
  }
}
