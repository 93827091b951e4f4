import { expect, test } from 'vitest';
import { Carts, putInCart, viewCart } from './carts.ts';
import { sampleItem } from './sample-items.ts';
import { createStore } from './store.ts';

test('a client does not choose the id of a cart', () => {
  const carts = new Carts();
  const cart = carts.open('chosen');
  expect(cart.id).not.toBe('chosen');
  expect(carts.open(cart.id)).toBe(cart);
});

test('beyond the limit the cart that was not used for longest is forgotten', () => {
  const carts = new Carts(2);
  const [first, second] = [carts.open(''), carts.open('')];
  carts.find(first.id);
  carts.open('');
  expect(carts.find(first.id)).toBe(first);
  expect(carts.find(second.id)).toBeUndefined();
});

test('a cart shows current prices, sums and whether the stock suffices', () => {
  const { carts, catalogue } = createStore([
    sampleItem({ id: 'lamp', price: 300, stock: 2 }),
    sampleItem({ id: 'bulb', price: 50, stock: 1 }),
  ]);
  const cart = carts.open('');
  putInCart(cart, 'lamp', 1);
  putInCart(cart, 'lamp', 2);
  putInCart(cart, 'bulb', 2);
  expect(viewCart(cart, catalogue)).toMatchObject({
    items: [
      { id: 'lamp', quantity: 2, total: 600, available: true },
      { id: 'bulb', quantity: 2, total: 100, available: false },
    ],
    total: 700,
    currency: 'EUR',
  });
});

test('a cart takes fifty different items, and more of those', () => {
  const cart = new Carts().open('');
  for (let index = 0; index < 50; index++) putInCart(cart, `item-${index}`, 1);
  putInCart(cart, 'item-0', 2);
  expect(() => putInCart(cart, 'one-more', 1)).toThrow(expect.objectContaining({ reason: 'cart-full' }));
});
