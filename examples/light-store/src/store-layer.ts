import { readFile } from 'node:fs/promises';
import { bottle, defineLayer, withScope } from 'bottle-sdk';
import type { Item } from './store/catalogue.ts';
import { openShop } from './store/schema.ts';
import { createStore, type Store } from './store/store.ts';

declare module 'bottle-sdk' {
  interface FaaSContext {
    /** The shop; the layer puts it there. */
    readonly store: Store;
    /** When this invocation began, on the clock of performance.now(). */
    readonly startedAt: number;
  }
}

/** Invocations that took longer are worth a line in the log. */
const SLOW_MS = 500;

/**
 * Makes and fills the tables before the first request, gives every function the shop as `ctx.store`, and reports what
 * was slow. One layer, one shop: functions share it.
 */
export const layer = defineLayer((engine) => {
  const store = createStore(bottle); // `bottle` is that of whichever invocation calls
  engine.addContextExtension(() => ({ store, startedAt: performance.now() }));
  engine.addRuntimeExtension({
    async beforeRuntimeStart({ logger }) {
      const text = await readFile(new URL('../data/items.json', import.meta.url), 'utf8');
      // Here is no invocation whose deadline would count, so there is a scope. What fails is tried again by the runtime.
      await withScope({ timeout: '9s' }, () => openShop(bottle.db('shop'), JSON.parse(text) as Item[]));
      logger.info('the shop is open');
    },
    afterInvoke: ({ startedAt, logger }) => {
      const durationMs = Math.round(performance.now() - startedAt);
      if (durationMs > SLOW_MS) logger.warn({ durationMs }, 'slow invocation');
    },
  });
});
