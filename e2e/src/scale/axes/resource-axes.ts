// Axes of what resources hold: messages, rows, cache keys, subscriptions, configuration keys.
import { EventEmitter } from 'node:events';
import { DatabaseSync } from 'node:sqlite';
import { connectBottle } from '@bottle/function-runtime/connect-bottle';
import type { Axis } from '../axis.ts';
import { inBatches, openCallsAxis } from '../pod-axis.ts';

const NUMBERS = `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
  SELECT n, 'item ' || n AS name FROM numbers`;

/** Nobody waits longer for what was published, in milliseconds. */
const HEARD_MS = 60_000;

export const resourceAxes: Axis[] = [
  {
    name: 'queue',
    unit: 'messages published, a thousand at a time',
    sizes: [100, 1_000, 10_000, 100_000],
    short: [100, 1_000, 5_000, 20_000],
    supported: 100_000,
    open: () =>
      openCallsAxis(
        async ({ bottle }, size) => {
          const mq = bottle.mq('events');
          for (let at = 0; at < size; at += 1_000) {
            const values = Array.from({ length: Math.min(1_000, size - at) }, (_, index) => ({
              value: { at: at + index },
            }));
            await mq.publishMany('orders', values);
          }
        },
        async (size) => insertDirectly(size),
      ),
  },
  {
    name: 'rows',
    unit: 'of one answer, streamed',
    sizes: [1_000, 10_000, 100_000, 1_000_000],
    short: [1_000, 10_000, 50_000, 100_000],
    supported: 1_000_000,
    open: () =>
      openCallsAxis(
        async ({ bottle }, size) => {
          let rows = 0;
          const counted = bottle.db('shop').stream(NUMBERS, [size]);
          for await (const row of counted) if (row) rows += 1;
          if (rows !== size) throw new Error(`${rows} rows came`);
        },
        async (size) => readDirectly(size),
      ),
  },
  {
    name: 'cache-keys',
    unit: 'set, then listed',
    sizes: [100, 1_000, 10_000, 100_000],
    short: [100, 1_000, 5_000, 20_000],
    supported: 100_000,
    open: () =>
      openCallsAxis(
        async ({ bottle }, size) => {
          const cache = bottle.cache(`keys-${size}`);
          await inBatches(size, 500, (at) => cache.set(`key-${at}`, at));
          let found = 0;
          for await (const key of cache.scan({ count: 500 })) if (key !== '') found += 1;
          if (found !== size) throw new Error(`${found} keys were listed`);
        },
        async (size) => void new Map(Array.from({ length: size }, (_, at) => [`key-${at}`, at])).size,
      ),
  },
  {
    name: 'subscriptions',
    unit: 'to one channel, told one message, ended together',
    sizes: [10, 100, 1_000, 10_000],
    short: [10, 100, 1_000, 4_000],
    supported: 10_000,
    open: () =>
      openCallsAxis(
        async ({ bottle, pod }, size) => {
          const reader = await connectBottle(pod.socketDir, HEARD_MS);
          const heard: Promise<unknown>[] = [];
          await inBatches(size, 250, async () => {
            const messages = await reader.bottle.cache<string>('news').subscribe('topic');
            heard.push(messages.next());
          });
          await bottle.cache<string>('news').publish('topic', 'hello');
          await Promise.all(heard);
          reader.close();
          await bottle.cache('news').get('key');
        },
        async (size) => {
          const emitter = new EventEmitter().setMaxListeners(0);
          const heard = Array.from({ length: size }, () => new Promise((resolve) => emitter.once('topic', resolve)));
          emitter.emit('topic', 'hello');
          await Promise.all(heard);
        },
      ),
  },
  {
    name: 'configuration-keys',
    unit: 'written one by one, a hundred of them read',
    sizes: [10, 100, 1_000, 10_000],
    short: [10, 50, 200, 500],
    supported: 10_000,
    open: () =>
      openCallsAxis(
        async ({ bottle }, size) => {
          const config = bottle.config(`keys-${size}`);
          await inBatches(size, 100, (at) => config.set(`key-${at}`, at));
          await inBatches(Math.min(100, size), 100, (at) => config.version(`key-${at}`));
        },
        async (size) => void new Map(Array.from({ length: size }, (_, at) => [`key-${at}`, at])).size,
      ),
  },
];

function insertDirectly(size: number): void {
  const database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE messages (id INTEGER PRIMARY KEY, body BLOB)');
  const insert = database.prepare('INSERT INTO messages (body) VALUES (?)');
  for (let at = 0; at < size; at++) insert.run(JSON.stringify({ at }));
  database.close();
}

function readDirectly(size: number): void {
  const database = new DatabaseSync(':memory:');
  const select = database.prepare(NUMBERS);
  let rows = 0;
  for (const row of select.iterate(size)) if (row) rows += 1;
  database.close();
  if (rows !== size) throw new Error(`${rows} rows came directly`);
}
