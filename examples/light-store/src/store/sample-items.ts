import type { Item } from './catalogue.ts';

/** An item for tests; what a test cares about it names. */
export function sampleItem(item: Partial<Item> & Pick<Item, 'id'>): Item {
  return { name: item.id, category: 'bulbs', price: 100, stock: 10, rating: 4, description: '', tags: [], ...item };
}

/** An order form that has no mistake. */
export function sampleForm() {
  return {
    name: 'Ada Lovelace',
    email: 'ada@example.com',
    address: { street: '12 St James Square', postalCode: '10117', city: 'Berlin', country: 'DE' },
    payment: 'invoice' as const,
  };
}
