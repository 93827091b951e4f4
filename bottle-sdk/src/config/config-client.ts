import type { StandardSchemaV1 } from '@standard-schema/spec';
import { BottleError, type ConfigEntry__Output, definitionOf } from '@bottle/protos';
import { jsonOf } from '../json-of.ts';
import type { CallOptions, ResourceCalls } from '../resource-calls.ts';
import { ANYTHING, checkValue, describeInvalid, findGood, type InvalidValue } from './check-value.ts';
import { follow } from './follow.ts';
import { noValue } from './watched-value.ts';
import { watchedConfigOf } from './watched-config.ts';

export interface ConfigOptions {
  /** Told of every value that a schema refuses, once. @default a warning in the log */
  onInvalid?(invalid: InvalidValue): void;
}

export interface ConfigChangeOptions extends CallOptions {
  /** Only when this is the current revision; ABORTED `revision-conflict` otherwise. 0: only when it never had one. */
  expectedRevision?: number;
  /** Kept in the history. */
  changedBy?: string;
}

/** A value and where it stands. */
export interface ConfigVersion<Value = unknown> {
  key: string;
  /** Undefined where it was deleted. */
  value: Value | undefined;
  /** Grows with every change of the key. */
  revision: number;
  changedAt: Date;
  /** Empty when nobody said. */
  changedBy: string;
}

/**
 * One resource of configuration. Values are JSON, typed by any validator that speaks Standard Schema (zod, valibot,
 * arktype). What it returns is frozen.
 */
export class ConfigClient {
  readonly #calls: ResourceCalls;
  readonly #onInvalid: (invalid: InvalidValue) => void;
  readonly #methods = definitionOf('config');

  constructor(calls: ResourceCalls, { onInvalid = warn }: ConfigOptions = {}) {
    this.#calls = calls;
    this.#onInvalid = onInvalid;
  }

  /**
   * The value, current within a second. The first call for a key asks the sidecar, further ones are answered from this
   * process. Where the current value does not validate, the newest one before it that does. Throws NOT_FOUND `no-value`
   * where there is none, FAILED_PRECONDITION `config-invalid` where none ever was valid.
   */
  get<Schema extends StandardSchemaV1>(
    key: string,
    schema: Schema,
    options?: CallOptions,
  ): Promise<StandardSchemaV1.InferOutput<Schema>>;
  get<Value = unknown>(key: string, schema?: undefined, options?: CallOptions): Promise<Value>;
  async get(key: string, schema: StandardSchemaV1 = ANYTHING, options?: CallOptions): Promise<unknown> {
    return await watchedConfigOf(this.#calls).of(key).get(this.#calls, schema, this.#onInvalid, options);
  }

  /** The same, with `fallback` where there is no value, or never was a valid one. */
  getOr<Schema extends StandardSchemaV1, Fallback>(
    key: string,
    fallback: Fallback,
    schema: Schema,
    options?: CallOptions,
  ): Promise<StandardSchemaV1.InferOutput<Schema> | Fallback>;
  getOr<Value>(key: string, fallback: Value, schema?: undefined, options?: CallOptions): Promise<Value>;
  async getOr(
    key: string,
    fallback: unknown,
    schema: StandardSchemaV1 = ANYTHING,
    options?: CallOptions,
  ): Promise<unknown> {
    try {
      return await this.get(key, schema, options);
    } catch (error) {
      if (isUnset(error)) return fallback;
      throw error;
    }
  }

  /**
   * The value now and after every change, until the loop is left or the invocation ends; undefined where there is none.
   * A slow reader misses what is no longer current. Values that do not validate are left out. Outages only delay it.
   */
  watch<Schema extends StandardSchemaV1>(
    key: string,
    schema: Schema,
    options?: CallOptions,
  ): AsyncGenerator<StandardSchemaV1.InferOutput<Schema> | undefined>;
  watch<Value = unknown>(key: string, schema?: undefined, options?: CallOptions): AsyncGenerator<Value | undefined>;
  async *watch(key: string, schema: StandardSchemaV1 = ANYTHING, options?: CallOptions): AsyncGenerator {
    let last: ConfigEntry__Output | undefined;
    for await (const entry of follow(this.#calls, key, options?.signal)) {
      if (last && last.revision === entry.revision && last.valueJson === entry.valueJson) continue; // connected again
      const isFirst = last === undefined;
      last = entry;
      if (entry.valueJson === undefined) {
        yield undefined;
        continue;
      }
      const checked = await checkValue(schema, entry.valueJson);
      if (!checked.good) this.#onInvalid(describeInvalid(this.#id, entry, checked.issues));
      const good = checked.good ?? (isFirst ? await findGood(this.#calls, entry, schema) : undefined);
      if (good) yield good.value;
    }
  }

  /** Replaces a value; undefined deletes it. Who reads it next in this process sees it. */
  async set(key: string, value: unknown, options: ConfigChangeOptions = {}): Promise<ConfigVersion> {
    const { expectedRevision, changedBy = '' } = options;
    const valueJson = value === undefined ? undefined : jsonOf(value);
    const entry = await this.#calls.unary(
      this.#methods.Set,
      {
        key,
        changedBy,
        ...(valueJson === undefined ? {} : { valueJson }),
        ...(expectedRevision === undefined ? {} : { expectedRevision }),
      },
      options,
    );
    return this.#changed(entry);
  }

  /** Removes a value; its history stays. */
  delete(key: string, options?: ConfigChangeOptions): Promise<ConfigVersion> {
    return this.set(key, undefined, options);
  }

  /** The current value and the ones before it, newest first: at most 50. */
  async history<Value = unknown>(key: string, options?: CallOptions): Promise<ConfigVersion<Value>[]> {
    const { entries } = await this.#calls.unary(this.#methods.History, { key }, options);
    return entries.map((entry) => toVersion<Value>(entry));
  }

  /** Makes a former value the current one, as a new revision. Throws NOT_FOUND `no-revision`. */
  async rollback(key: string, revision: number, options: Omit<ConfigChangeOptions, 'expectedRevision'> = {}) {
    const { changedBy = '' } = options;
    return this.#changed(await this.#calls.unary(this.#methods.Rollback, { key, revision, changedBy }, options));
  }

  /** All values, or those whose keys begin with `prefix`, by key. */
  async list(prefix = '', options?: CallOptions): Promise<ConfigVersion[]> {
    const { entries } = await this.#calls.unary(this.#methods.List, { prefix }, options);
    return entries.map((entry) => toVersion(entry));
  }

  /** A value with its revision, for changing it only when nobody else did. Throws NOT_FOUND `no-value`. */
  async version<Value = unknown>(key: string, options?: CallOptions): Promise<ConfigVersion<Value>> {
    const entry = await this.#calls.unary(this.#methods.Get, { key }, options);
    if (entry.valueJson === undefined) throw noValue(key);
    return toVersion<Value>(entry);
  }

  get #id(): string {
    return `${this.#calls.capability}.${this.#calls.resource}`;
  }

  #changed(entry: ConfigEntry__Output): ConfigVersion {
    watchedConfigOf(this.#calls).find(entry.key)?.accept(entry);
    return toVersion(entry);
  }
}

/** Whether an error says that there is no value to work with, rather than that it cannot be told. */
export function isUnset(error: unknown): boolean {
  return error instanceof BottleError && (error.reason === 'no-value' || error.reason === 'config-invalid');
}

function toVersion<Value>({ key, valueJson, revision, changedAtMs, changedBy }: ConfigEntry__Output) {
  const value = valueJson === undefined ? undefined : (JSON.parse(valueJson) as Value);
  const version: ConfigVersion<Value> = {
    key,
    value,
    revision: Number(revision),
    changedAt: new Date(Number(changedAtMs)),
    changedBy,
  };
  return version;
}

/** The runtime makes a line of the log of it. */
function warn({ message }: InvalidValue): void {
  console.warn(`${message}; the last valid one stays in use`);
}
