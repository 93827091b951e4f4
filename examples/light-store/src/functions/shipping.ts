import { BottleError, Code, defineFunction } from 'bottle-sdk';
import type { ShippingRate } from '../store/orders.ts';

const HOME = 'DE';
const NEIGHBOURS: ReadonlySet<string> = new Set(['AT', 'BE', 'CH', 'CZ', 'DK', 'FR', 'LU', 'NL', 'PL']);

/** What shipping costs. No route: the checkout calls it, or `bottle invoke shippingRate --data '{"country":"FR"}'`. */
export const shippingRate = defineFunction.event<{ country?: unknown } | undefined, ShippingRate>((_ctx, event) => {
  const country = event?.country;
  if (typeof country !== 'string' || !/^[A-Z]{2}$/.test(country)) {
    throw new BottleError(Code.INVALID_ARGUMENT, 'invalid-country', 'country: expected two capital letters (ISO 3166)');
  }
  if (country === HOME) return { price: 490, freeFrom: 5_000 };
  if (NEIGHBOURS.has(country)) return { price: 990, freeFrom: 10_000 };
  return { price: 1_990, freeFrom: 25_000 };
});
