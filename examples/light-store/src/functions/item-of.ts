import type { FaaSHttpContext } from 'bottle-sdk';
import type { Item } from '../store/catalogue.ts';

/** The item that the path's `:id` names. Throws NOT_FOUND. */
export function itemOf(ctx: FaaSHttpContext): Promise<Item> {
  return ctx.store.catalogue.get(ctx.params['id'] ?? '');
}
