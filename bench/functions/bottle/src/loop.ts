import { bottle, defineFunction } from 'bottle-sdk';
import { type LoopOrder, type LoopReport, runCallLoop, runTightLoop } from '../../../src/load/call-loop.ts';

const MESSAGE = Buffer.alloc(1024, 'm');

/** Runs a loop of bottle calls within one invocation: what is measured is the way to the middleware, not that here. */
export const loop = defineFunction.http<LoopOrder, LoopReport>(async (_ctx, order) => {
  const task = TASKS[order.task];
  if (!task) throw new Error(`there is no task "${order.task}"`);
  return task(order);
});

const TASKS: Readonly<Record<string, (order: LoopOrder) => Promise<LoopReport>>> = {
  'cache-get': (order) => {
    const cache = bottle.cache('bench', { codec: 'bytes' });
    return runCallLoop(() => cache.get('hundred-bytes'), order);
  },
  'through-hit': (order) => {
    const cache = bottle.cache('bench');
    const options = { ttl: 3_600, local: 3_600 };
    return runTightLoop(() => cache.through('through-hit', () => ({ name: 'lamp' }), options), order);
  },
  'db-select': runSelects,
  'db-select-embedded': runSelects,
  'mq-publish': (order) => {
    const queue = bottle.mq('bench');
    return runCallLoop(() => queue.publish('bench', MESSAGE), order);
  },
};

function runSelects(order: LoopOrder): Promise<LoopReport> {
  const db = bottle.db('bench');
  let id = 0;
  return runCallLoop(
    () => db.sql`select id, name, price from bench_items where id = ${(id = (id % 1_000) + 1)}`,
    order,
  );
}
