import {
  assertSwitch,
  BottleError,
  type CapabilityName,
  Code,
  type ConfigChange__Output,
  type ConfigEntries,
  type ConfigEntry,
  type ConfigKey__Output,
  type ConfigList__Output,
  type ConfigRevision__Output,
  parseExactJson,
  toJson,
} from '@bottle/protos';
import { type Capability, firstOf, type StreamMethod, type UnaryMethod } from '../capability.ts';
import type { ConfigDriver, ConfigRecord, ConfigSetting } from './config-port.ts';

const MAX_KEY_LENGTH = 512;
const MAX_VALUE_BYTES = 256 * 1024;

const get: UnaryMethod<ConfigDriver, ConfigKey__Output, ConfigEntry> = {
  kind: 'unary',
  facts: () => ({ operation: 'get', access: 'read', repeatable: true }),
  async serve(driver, { key }) {
    const record = await driver.get(assertKey(key));
    if (record.valueJson !== undefined) return toEntry(record);
    throw new BottleError(Code.NOT_FOUND, 'no-value', `"${key}" has no value`, { details: { key } });
  },
};

const watch: StreamMethod<ConfigDriver, ConfigKey__Output, ConfigEntry> = {
  kind: 'stream',
  facts: { operation: 'watch', access: 'read', repeatable: true },
  isLasting: true,
  async *serve(driver, requests, { signal }) {
    const request = await firstOf(requests);
    // One place: what a slow reader has not taken yet is replaced, never queued.
    let latest: ConfigRecord | undefined;
    let wake: (() => void) | undefined;
    const onAbort = (): void => wake?.();
    const unwatch = driver.watch(assertKey(request?.key ?? ''), (record) => {
      latest = record;
      wake?.();
    });
    signal.addEventListener('abort', onAbort);
    try {
      while (!signal.aborted) {
        const record = latest;
        latest = undefined;
        if (record) yield toEntry(record);
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      unwatch();
    }
  },
};

const history: UnaryMethod<ConfigDriver, ConfigKey__Output, ConfigEntries> = {
  kind: 'unary',
  facts: () => ({ operation: 'history', access: 'read', repeatable: true }),
  serve: async (driver, { key }) => ({ entries: (await driver.history(assertKey(key))).map(toEntry) }),
};

const list: UnaryMethod<ConfigDriver, ConfigList__Output, ConfigEntries> = {
  kind: 'unary',
  facts: () => ({ operation: 'list', access: 'read', repeatable: true }),
  serve: async (driver, { prefix }) => ({ entries: (await driver.list(prefix)).map(toEntry) }),
};

/** Says what is wrong with a value. Throws INVALID_ARGUMENT. */
type AssertValue = (key: string, value: unknown) => void;

/** Configuration: what functions may do is `read` or `write`. */
export const configCapability: Capability<ConfigDriver> = createCapability('config', () => {});

/** Switches: configuration whose values are switches. */
export const switchesCapability: Capability<ConfigDriver> = createCapability('switches', assertSwitch);

function createCapability(name: CapabilityName, assertValue: AssertValue): Capability<ConfigDriver> {
  const set: UnaryMethod<ConfigDriver, ConfigChange__Output, ConfigEntry> = {
    kind: 'unary',
    facts: () => ({ operation: 'set', access: 'write', repeatable: false }),
    async serve(driver, { key, valueJson, expectedRevision, changedBy }) {
      const setting: ConfigSetting = {
        key: assertKey(key),
        valueJson: valueJson === undefined ? undefined : normalized(key, valueJson, assertValue),
        expectedRevision: expectedRevision === undefined ? undefined : Number(expectedRevision),
        changedBy,
      };
      return toEntry(await driver.set(setting));
    },
  };
  const rollback: UnaryMethod<ConfigDriver, ConfigRevision__Output, ConfigEntry> = {
    kind: 'unary',
    facts: () => ({ operation: 'rollback', access: 'write', repeatable: false }),
    async serve(driver, { key, revision, changedBy }) {
      const records = await driver.history(assertKey(key));
      const former = records.find((record) => record.revision === Number(revision));
      if (!former) throw noRevision(key, revision, records);
      if (former.valueJson !== undefined) assertValue(key, JSON.parse(former.valueJson));
      const { valueJson } = former;
      return toEntry(await driver.set({ key, valueJson, expectedRevision: undefined, changedBy }));
    },
  };
  return { name, accesses: ['read', 'write'], methods: { get, watch, set, history, rollback, list } };
}

function assertKey(key: string): string {
  if (key !== '' && key.length <= MAX_KEY_LENGTH) return key;
  const message = `a key has 1 to ${MAX_KEY_LENGTH} characters`;
  throw new BottleError(Code.INVALID_ARGUMENT, 'bad-key', message);
}

/** The same JSON whoever wrote it. */
function normalized(key: string, valueJson: string, assertValue: AssertValue): string {
  if (Buffer.byteLength(valueJson) > MAX_VALUE_BYTES) {
    const message = `the value of "${key}" has more than ${MAX_VALUE_BYTES} bytes`;
    throw new BottleError(Code.INVALID_ARGUMENT, 'value-too-large', message);
  }
  const value = parseJson(key, valueJson);
  assertValue(key, value);
  return toJson(parseExactJson(valueJson)) ?? 'null';
}

function parseJson(key: string, valueJson: string): unknown {
  try {
    return JSON.parse(valueJson);
  } catch (error) {
    const message = `the value of "${key}" is not JSON: ${(error as Error).message}`;
    throw new BottleError(Code.INVALID_ARGUMENT, 'not-json', message);
  }
}

function noRevision(key: string, revision: string, records: readonly ConfigRecord[]): BottleError {
  const [newest, oldest] = [records.at(0), records.at(-1)];
  const known =
    newest && oldest ? `its history goes from ${oldest.revision} to ${newest.revision}` : 'it has no history';
  return new BottleError(Code.NOT_FOUND, 'no-revision', `"${key}" has no revision ${revision}: ${known}`);
}

function toEntry({ key, valueJson, revision, changedAtMs, changedBy }: ConfigRecord): ConfigEntry {
  return { key, ...(valueJson === undefined ? {} : { valueJson }), revision, changedAtMs, changedBy };
}
