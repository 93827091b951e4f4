import { BottleError, Code, type ConfigEntry, definitionOf, type MessageStream } from '@bottle/protos';
import { afterEach, describe, expect, it } from 'vitest';
import { ResourceCalls } from '../resource-calls.ts';
import type { BottleScope, ProcessScope } from '../scope.ts';
import { ConfigClient } from './config-client.ts';

const { Get, Watch } = definitionOf('config');
const denied = new BottleError(Code.PERMISSION_DENIED, 'no-grant', 'may not');
const outage = new BottleError(Code.UNAVAILABLE, 'resource-unavailable', 'does not answer');
const entryOf = (value: unknown, revision = 1): ConfigEntry => ({
  key: 'k',
  valueJson: JSON.stringify(value),
  revision,
});
const until = new AbortController();
afterEach(() => until.abort());

/** A process whose sidecar answers as the test says. */
function processWith(answers: { get(caller: string): ConfigEntry; watch(): AsyncIterable<ConfigEntry> }) {
  let calls = 0;
  const shared = new Map<string, unknown>();
  const scopeOf = (caller: string): ProcessScope => ({
    caller,
    async call() {
      calls += 1;
      return Get.responseSerialize(answers.get(caller));
    },
    open(): MessageStream {
      async function* messages(): AsyncGenerator<Buffer> {
        for await (const entry of answers.watch()) yield Watch.responseSerialize(entry);
      }
      return { send: async () => {}, end: () => {}, cancel: () => {}, [Symbol.asyncIterator]: messages };
    },
    derive: () => Object.assign(scopeOf(''), { [Symbol.dispose]: () => {} }),
    get process() {
      return scopeOf('');
    },
    attach: () => () => {},
    shared<Value>(key: string, create: () => Value): Value {
      if (!shared.has(key)) shared.set(key, create());
      return shared.get(key) as Value;
    },
  });
  const configOf = (caller: string): ConfigClient => {
    const scope: BottleScope = scopeOf(caller);
    return new ConfigClient(new ResourceCalls(() => scope, 'config', 'pricing'));
  };
  return { configOf, calls: () => calls };
}

async function* standing(entry: ConfigEntry): AsyncGenerator<ConfigEntry> {
  yield entry;
  await new Promise((resolve) => {
    until.signal.addEventListener('abort', resolve);
  });
}

describe('config.get', () => {
  it('asks once for each function, so that one without a grant does not see what another one watches', async () => {
    const { configOf, calls } = processWith({
      get(caller) {
        if (caller === 'stranger') throw denied;
        return entryOf('secret');
      },
      watch: () => standing(entryOf('secret')),
    });
    for (let turn = 0; turn < 5; turn++) expect(await configOf('friend').get('k')).toBe('secret');
    for (let turn = 0; turn < 5; turn++)
      await expect(configOf('stranger').get('k')).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(calls()).toBeLessThanOrEqual(2 + 5); // the friend's before the watch stood, the stranger's each time
  });
  it('answers with what is known while the resource is away, also a function that is new', async () => {
    let isAway = false;
    const { configOf } = processWith({
      get() {
        if (isAway) throw outage;
        return entryOf(1);
      },
      watch: () => standing(entryOf(1)),
    });
    await expect.poll(() => configOf('a').get('k')).toBe(1);
    isAway = true;
    expect(await configOf('b').get('k')).toBe(1);
  });
  it('asks every time when it may not watch', async () => {
    let value = 0;
    const { configOf } = processWith({
      get: () => entryOf((value += 1), value),
      watch() {
        throw denied;
      },
    });
    for (const expected of [1, 2, 3]) expect(await configOf('a').get('k')).toBe(expected);
  });
  it('sees what the watch tells, also after it broke', async () => {
    let connection = 0;
    const { configOf } = processWith({
      get: () => entryOf('first', 1),
      async *watch() {
        connection += 1;
        if (connection === 1) {
          yield entryOf('second', 2);
          throw outage;
        }
        yield* standing(entryOf('third', 3));
      },
    });
    await configOf('a').get('k');
    await expect.poll(() => configOf('a').get('k'), { interval: 1 }).toBe('second');
    await expect.poll(() => configOf('a').get('k'), { interval: 1 }).toBe('third');
  });
});
