/** A header as it was published. */
export interface RawHeader {
  readonly name: string;
  /** null: it has none, which is not the same as no byte. */
  readonly value: Uint8Array | null;
}

/** A message of a queue. */
export interface MqMessage<Value = unknown> {
  readonly topic: string;
  readonly partition: number;
  /** Its position in the partition. */
  readonly offset: bigint;
  /** As text; undefined when it has none. */
  readonly key: string | undefined;
  readonly keyBytes: Buffer | undefined;
  /**
   * The decoded value, by its content-type header: JSON is parsed, text becomes a string, anything else a Buffer. Without
   * that header it has to be JSON. null is a tombstone.
   */
  readonly value: Value;
  /** The value as it was published; undefined for a tombstone. */
  readonly bytes: Buffer | undefined;
  /**
   * Those whose values are text, by lower-case names; a repeated one has its values as an array. What is not UTF-8, or has no value, is
   * in `rawHeaders` alone.
   */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** All of them, in order, as they were published; `publish` takes them. */
  readonly rawHeaders: readonly RawHeader[];
  readonly timestamp: Date;
  /** 1 for the first try. */
  readonly attempt: number;
  /** Marks this message of a batch as failed; the others count as done when the function returns. */
  fail(error?: unknown): void;
}
