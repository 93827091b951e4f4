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
  /** Lower-case names; a repeated one has its values as an array. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly timestamp: Date;
  /** 1 for the first try. */
  readonly attempt: number;
  /** Marks this message of a batch as failed; the others count as done when the function returns. */
  fail(error?: unknown): void;
}
