import { BottleError, CallError, type CallOutcome, Code } from '@bottle/protos';

/** Where a value stands. */
export interface ValuePlace {
  /** "cache.sessions" */
  resource: string;
  /** Key, or channel. */
  key: string;
  /** Of a hash. */
  field?: string;
  /** What the call has done, if anything. */
  outcome?: CallOutcome;
}

/** What is stored, or came, is no value of the codec: `not-json`, or `unreadable-value` of a codec of your own. */
export class UnreadableValue extends CallError {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, place: ValuePlace, thrown: unknown) {
    const of = place.field === undefined ? `"${place.key}"` : `"${place.field}" of "${place.key}"`;
    const details = { ...place };
    if (thrown instanceof BottleError)
      super(thrown.code, thrown.reason, `${of} in ${place.resource}: ${thrown.message}`, { details });
    else {
      const message = `${of} in ${place.resource} cannot be read by its codec`;
      super(Code.FAILED_PRECONDITION, 'unreadable-value', message, { details, cause: thrown });
    }
    this.#bytes = Buffer.from(bytes);
  }

  /** What it is instead. No message and no log shows it. */
  get bytes(): Buffer {
    return this.#bytes;
  }
}

/** The values that could be read, and beside them those that could not. */
export type WithUnreadable<Values> = Values & { readonly unreadable: readonly UnreadableValue[] };
