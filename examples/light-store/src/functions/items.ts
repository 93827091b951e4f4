import { defineFunction } from 'bottle-sdk';
import { CURRENCY } from '../store/catalogue.ts';
import { type ItemPage, listItems, parseListQuery } from '../store/list-items.ts';
import { itemOf } from './item-of.ts';
import { parseCurrency, priceIn } from './price-in.ts';

/** GET /items: one page of the catalogue, with links to its neighbours (RFC 8288). */
export const list = defineFunction.http(async (ctx) => {
  const page = listItems(await ctx.store.catalogue.all(), parseListQuery(ctx.query));
  const links = linksOf(page, ctx.url);
  if (links.length > 0) ctx.set('link', links.join(', '));
  return { currency: CURRENCY, ...page };
});

/** GET /items/:id: one item; `?currency=USD` converts its price. */
export const detail = defineFunction.http(async (ctx) => {
  const currency = parseCurrency(ctx.query);
  const item = await itemOf(ctx);
  return { currency: CURRENCY, ...item, ...(await priceIn(currency, item.price, ctx)) };
});

function linksOf({ page, pages }: ItemPage, url: string): string[] {
  const linkTo = (number: number, relation: string): string => {
    const [path = '', query = ''] = url.split('?');
    const params = new URLSearchParams(query);
    params.set('page', String(number));
    return `<${path}?${params.toString()}>; rel="${relation}"`;
  };
  const links: string[] = [];
  if (page > 1) links.push(linkTo(Math.min(page - 1, pages), 'prev'));
  if (page < pages) links.push(linkTo(page + 1, 'next'));
  return links;
}
