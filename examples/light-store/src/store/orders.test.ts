import { expect, test } from 'vitest';
import { putInCart } from './carts.ts';
import { sampleForm, sampleItem } from './sample-items.ts';
import { createStore } from './store.ts';

const RATE = { price: 490, freeFrom: 1_000 };

/** A shop with one lamp of 300 and two in stock, and a cart that holds one. */
function shopWithCart() {
  const store = createStore([sampleItem({ id: 'lamp', price: 300, stock: 2 })]);
  const cart = store.carts.open('');
  putInCart(cart, 'lamp', 1);
  return { ...store, cart, request: { cartId: cart.id, key: 'first', form: sampleForm(), rate: RATE } };
}

test('an order has the prices, takes from the stock and empties the cart', () => {
  const { orders, catalogue, cart, request } = shopWithCart();
  const { order, replayed } = orders.place(request);
  expect(replayed).toBe(false);
  expect(order).toMatchObject({
    items: [{ id: 'lamp', price: 300, quantity: 1, total: 300 }],
    subtotal: 300,
    shipping: 490,
    total: 790,
    currency: 'EUR',
  });
  expect(catalogue.get('lamp').stock).toBe(1);
  expect(cart.quantities.size).toBe(0);
});

test('an order of the free-shipping amount ships free of charge', () => {
  const { orders, request } = shopWithCart();
  const { order } = orders.place({ ...request, rate: { price: 490, freeFrom: 300 } });
  expect(order).toMatchObject({ shipping: 0, total: 300 });
});

test('the same key brings the same order and sells nothing twice', () => {
  const { orders, catalogue, request } = shopWithCart();
  const first = orders.place(request);
  const second = orders.place(structuredClone(request));
  expect(second).toEqual({ order: first.order, replayed: true });
  expect(catalogue.get('lamp').stock).toBe(1);
});

test('a key that stood for another form is refused', () => {
  const { orders, request } = shopWithCart();
  orders.place(request);
  const changed = { ...request, form: { ...sampleForm(), payment: 'cash-on-delivery' as const } };
  expect(() => orders.place(changed)).toThrow(
    expect.objectContaining({ reason: 'idempotency-key-reused', httpStatus: 422 }),
  );
});

test('two carts may use the same key', () => {
  const { orders, carts, request } = shopWithCart();
  const { order } = orders.place(request);
  const other = carts.open('');
  putInCart(other, 'lamp', 1);
  expect(orders.place({ ...request, cartId: other.id }).order.id).not.toBe(order.id);
});

test('what is refused changes nothing, and the key may be used again', () => {
  const { orders, catalogue, cart, request } = shopWithCart();
  putInCart(cart, 'lamp', 3);
  expect(() => orders.place(request)).toThrow(expect.objectContaining({ reason: 'out-of-stock', httpStatus: 409 }));
  const wrongTotal = { ...request, form: { ...sampleForm(), expectedTotal: 299 } };
  putInCart(cart, 'lamp', 1);
  expect(() => orders.place(wrongTotal)).toThrow(expect.objectContaining({ reason: 'price-changed', httpStatus: 409 }));
  expect(catalogue.get('lamp').stock).toBe(2);
  expect(orders.place(request).replayed).toBe(false);
});

test('an empty cart and an unknown one buy nothing', () => {
  const { orders, cart, request } = shopWithCart();
  cart.quantities.clear();
  for (const cartId of [cart.id, 'unknown']) {
    expect(() => orders.place({ ...request, cartId })).toThrow(expect.objectContaining({ reason: 'empty-cart' }));
  }
});
