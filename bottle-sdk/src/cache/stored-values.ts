import type { ResourceCalls } from '../resource-calls.ts';
import type { Codec } from './codecs.ts';
import { type WithUnreadable, UnreadableValue, type ValuePlace } from './unreadable-value.ts';

type Place = Omit<ValuePlace, 'resource'>;

/** The values of a resource, as its codec writes and reads them. */
export class StoredValues<Value> {
  readonly #calls: ResourceCalls;
  readonly #codec: Codec<Value>;

  constructor(calls: ResourceCalls, codec: Codec<Value>) {
    this.#calls = calls;
    this.#codec = codec;
  }

  encode(value: Value): Uint8Array {
    return this.#codec.encode(value);
  }

  encodeAll(values: readonly Value[]): Uint8Array[] {
    return values.map((value) => this.#codec.encode(value));
  }

  /** Throws UnreadableValue. */
  read(bytes: Buffer, place: Place): Value {
    try {
      return this.#codec.decode(bytes);
    } catch (thrown) {
      const { capability, resource } = this.#calls;
      throw new UnreadableValue(bytes, { ...place, resource: `${capability}.${resource}` }, thrown);
    }
  }

  /** Undefined where there is nothing. */
  readIfAny(bytes: Buffer | undefined | null, place: Place): Value | undefined {
    return bytes === undefined || bytes === null ? undefined : this.read(bytes, place);
  }

  /** What one of several reads come to. What cannot be read spoils none of the others: it is counted, and logged. */
  together<Values extends object>(collect: (attempt: <Result>(read: () => Result) => Result | undefined) => Values) {
    const unreadable: UnreadableValue[] = [];
    const values = collect((read) => {
      try {
        return read();
      } catch (error) {
        if (!(error instanceof UnreadableValue)) throw error;
        unreadable.push(error);
        this.leaveOut(error);
        return undefined;
      }
    });
    return Object.defineProperty(values, 'unreadable', { value: unreadable }) as WithUnreadable<Values>;
  }

  /** In the order of the bytes, undefined where there is nothing, or nothing that can be read. */
  readEach(
    all: readonly { present: boolean; value: Buffer }[],
    placeOf: (at: number) => Place,
  ): WithUnreadable<(Value | undefined)[]> {
    return this.together((attempt) =>
      all.map(({ present, value }, at) => (present ? attempt(() => this.read(value, placeOf(at))) : undefined)),
    );
  }

  /** Those that can be read. */
  readGood<Raw, Result>(all: readonly Raw[], read: (raw: Raw) => Result): WithUnreadable<Result[]> {
    return this.together((attempt) =>
      all.flatMap((raw) => {
        const result = attempt(() => [read(raw)]);
        return result ?? [];
      }),
    );
  }

  leaveOut(error: UnreadableValue): void {
    this.#calls.scope.process.leftOut?.(error.details as unknown as ValuePlace);
  }
}
