import { defineFunction } from 'bottle-sdk';
import { findItem } from './catalogue.ts';

export interface QuoteRequest {
  lines: { id: string; quantity: number }[];
}

export interface Quote {
  itemsCents: number;
  shippingCents: number;
  totalCents: number;
  currency: string;
}

const FREE_SHIPPING_FROM_CENTS = 5_000;
const SHIPPING_CENTS = 490;

/** Prices a list of items. An event function: `npx bottle invoke quote --data '{"lines":[{"id":"ls-101","quantity":1}]}'` */
export const quote = defineFunction.event<QuoteRequest, Quote>((ctx, { lines }) => {
  const itemsCents = lines.reduce((sum, { id, quantity }) => sum + findItem(id).priceCents * quantity, 0);
  const shippingCents = itemsCents >= FREE_SHIPPING_FROM_CENTS ? 0 : SHIPPING_CENTS;
  const currency = ctx.env['LIGHT_STORE_CURRENCY'] ?? 'EUR';
  return { itemsCents, shippingCents, totalCents: itemsCents + shippingCents, currency };
});
