import { readFile } from 'node:fs/promises';
import { defineLayer } from 'bottle-sdk';
import type { Item } from './store/catalogue.ts';
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
 * Loads the catalogue before the first request, gives every function the shop as `ctx.store`, reports what was slow,
 * and tells the platform when there is nothing to sell. One layer, one shop: functions share it.
 */
export const layer = defineLayer(async (engine) => {
  const text = await readFile(new URL('../data/items.json', import.meta.url), 'utf8');
  const store = createStore(JSON.parse(text) as Item[]);

  engine.addContextExtension(() => ({ store, startedAt: performance.now() }));
  engine.addRuntimeExtension({
    afterRuntimeStart: ({ logger }) => logger.info({ items: store.catalogue.items.length }, 'the shop is open'),
    afterInvoke: ({ startedAt, logger }) => {
      const durationMs = Math.round(performance.now() - startedAt);
      if (durationMs > SLOW_MS) logger.warn({ durationMs }, 'slow invocation');
    },
  });
  engine.addHealthExtension(() => store.catalogue.items.length > 0);
});
