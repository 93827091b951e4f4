import { expect, test } from 'vitest';
import { sampleContext } from '../sample-context.ts';
import { sampleItem } from '../store/sample-items.ts';
import { openSampleShop } from '../store/sample-shop.ts';
import { detail } from './items.ts';

const lamp = sampleItem({ id: 'lamp', price: 8_900 });
const inDollars = { params: { id: 'lamp' }, query: { currency: 'USD' } };

/** A shop whose upstream answers like this. */
function openShopWithRates(rates: () => Response) {
  return openSampleShop([lamp], { upstreams: { rates } });
}

test('a price in another currency comes with its rate', async () => {
  await using shop = await openShopWithRates(() => Response.json({ rates: { USD: 1.25 } }));
  expect(await detail(sampleContext(shop, inDollars), undefined)).toEqual({
    ...lamp,
    currency: 'USD',
    price: 11_125,
    rate: 1.25,
  });
});

test('without an upstream the price stays as it is, with a note; so it does when the upstream fails', async () => {
  await using without = await openSampleShop([lamp]);
  const note: unknown = expect.stringContaining('http resource "rates"');
  expect(await detail(sampleContext(without, inDollars), undefined)).toEqual({ ...lamp, currency: 'EUR', note });

  await using failing = await openShopWithRates(() => new Response(null, { status: 503 }));
  const context = sampleContext(failing, inDollars);
  expect(await detail(context, undefined)).toMatchObject({ currency: 'EUR', price: 8_900 });
  expect(context.logged).toMatchObject([{ level: 'warn', message: 'no exchange rate' }]);
});

test('a currency that nobody knows, or that is none, is the client’s mistake', async () => {
  await using shop = await openShopWithRates(() => Response.json({ rates: {} }));
  await expect(detail(sampleContext(shop, inDollars), undefined)).rejects.toMatchObject({ reason: 'no-rate' });
  const misspelt = sampleContext(shop, { params: { id: 'lamp' }, query: { currency: 'dollars' } });
  await expect(detail(misspelt, undefined)).rejects.toMatchObject({ reason: 'invalid-query', httpStatus: 400 });
});
