import { createFakeBottle, type FakeBottle, type FakeResourcesOptions } from 'bottle-sdk/testing';
import type { Item } from './catalogue.ts';
import type { FeedOptions } from './feed.ts';
import { openShop } from './schema.ts';
import { createStore, type Store } from './store.ts';

/** A shop in a bottle that needs no process; for tests. */
export interface SampleShop extends Store, AsyncDisposable {
  readonly fake: FakeBottle;
}

/** A shop that sells these items, with the functions and upstreams that the bottle shall have. */
export async function openSampleShop(
  items: readonly Item[],
  options: FeedOptions & FakeResourcesOptions = {},
): Promise<SampleShop> {
  const fake = createFakeBottle(options);
  await openShop(fake.bottle.db('shop'), items);
  return { ...createStore(fake.bottle, options), fake, [Symbol.asyncDispose]: () => fake.close() };
}
