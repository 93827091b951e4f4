import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type BottleError, CallError, Code, type ConfigEntry__Output, definitionOf } from '@bottle/protos';
import type { ResourceCalls } from '../resource-calls.ts';

/** A value that a schema refused. The one before it stays in use. */
export interface InvalidValue {
  /** "config.pricing" */
  resource: string;
  key: string;
  revision: number;
  issues: readonly StandardSchemaV1.Issue[];
  /** All of it in a sentence. */
  message: string;
}

export type ReportInvalid = (invalid: InvalidValue) => void;

/** A value that passed. */
export interface Good {
  value: unknown;
}

export type Checked = { good: Good } | { good: undefined; issues: readonly StandardSchemaV1.Issue[] };

/** The schema of whoever gives none. */
export const ANYTHING: StandardSchemaV1 = {
  '~standard': { version: 1, vendor: 'bottle', validate: (value) => ({ value }) },
};

const HISTORY_TIMEOUT_MS = 5_000;

/** Validates a value. Plain objects and arrays are frozen: everybody who asks gets the same ones. */
export async function checkValue(schema: StandardSchemaV1, valueJson: string): Promise<Checked> {
  try {
    const result = await schema['~standard'].validate(frozen(JSON.parse(valueJson)));
    return result.issues ? { good: undefined, issues: result.issues } : { good: { value: frozen(result.value) } };
  } catch (error) {
    return { good: undefined, issues: [{ message: `the validator failed: ${(error as Error).message}` }] };
  }
}

/** The newest value before an entry that passes; undefined when the key had none, or was deleted since. */
export async function findGood(
  calls: ResourceCalls,
  { key, revision }: ConfigEntry__Output,
  schema: StandardSchemaV1,
): Promise<Good | undefined> {
  const { entries } = await calls.unary(definitionOf('config').History, { key }, { timeoutMs: HISTORY_TIMEOUT_MS });
  for (const former of entries) {
    if (Number(former.revision) >= Number(revision)) continue;
    if (former.valueJson === undefined) return undefined;
    const { good } = await checkValue(schema, former.valueJson);
    if (good) return good;
  }
  return undefined;
}

/** What is said of a value that a schema refused. */
export function describeInvalid(
  resource: string,
  { key, revision }: ConfigEntry__Output,
  issues: readonly StandardSchemaV1.Issue[],
): InvalidValue {
  const reasons = issues.map(({ path = [], message }) => {
    const where = path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
    return where === '' ? message : `${where}: ${message}`;
  });
  const message = `revision ${revision} of "${key}" in ${resource} is invalid: ${reasons.join('; ')}`;
  return { resource, key, revision: Number(revision), issues, message };
}

/** There never was a value that the schema accepts. */
export function configInvalid({ key, revision, issues, message }: InvalidValue): BottleError {
  const plain = issues.map(({ path = [], message: text }) => ({
    path: path.map((part) => (typeof part === 'object' ? part.key : part)),
    message: text,
  }));
  const details = { key, revision, issues: plain };
  return new CallError(Code.FAILED_PRECONDITION, 'config-invalid', message, { details });
}

/** Deeply, but only what JSON can be made of. */
function frozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null) return value;
  for (const child of Object.values(value)) frozen(child);
  return Object.freeze(value);
}
