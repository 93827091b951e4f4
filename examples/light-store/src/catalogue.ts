import { readFileSync } from 'node:fs';
import { BottleError, Code } from 'bottle-sdk';

export interface Item {
  readonly id: string;
  readonly name: string;
  readonly category: string;
  /** Minor units of the shop's currency. */
  readonly priceCents: number;
  stock: number;
  readonly description: string;
}

/** The catalogue that ships with the example. Stock changes live as long as the process. */
const items: readonly Item[] = JSON.parse(
  readFileSync(new URL('../data/items.json', import.meta.url), 'utf8'),
) as Item[];
const byId = new Map(items.map((item) => [item.id, item]));

export function allItems(): readonly Item[] {
  return items;
}

/** The item, or a 404 that says which. */
export function findItem(id: string): Item {
  const item = byId.get(id);
  if (!item) throw new BottleError(Code.NOT_FOUND, 'no-item', `there is no item "${id}"`);
  return item;
}
