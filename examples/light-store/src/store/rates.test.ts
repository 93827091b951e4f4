import { expect, test } from 'vitest';
import { convert } from './rates.ts';
import { openSampleShop } from './sample-shop.ts';

test('asks the upstream once for a currency', async () => {
  const asked: string[] = [];
  const rates = ({ url }: Request) => {
    asked.push(url);
    return Response.json({ rates: { USD: 1.25 } });
  };
  await using shop = await openSampleShop([], { upstreams: { rates } });
  expect([await shop.rates.of('USD'), await shop.rates.of('USD')]).toEqual([1.25, 1.25]);
  expect(asked).toEqual(['http://upstream.test/latest?base=EUR&symbols=USD']);
});

test('a currency that the upstream does not know has no rate; an upstream that fails is an error', async () => {
  const rates = ({ url }: Request) => new Response(null, { status: url.endsWith('XXX') ? 404 : 500 });
  await using shop = await openSampleShop([], { upstreams: { rates } });
  expect(await shop.rates.of('XXX')).toBeUndefined();
  await expect(shop.rates.of('USD')).rejects.toMatchObject({ reason: 'http-status', details: { status: 500 } });
});

test.each([
  ['USD', 1.25, 11_125],
  ['JPY', 160, 14_240],
  ['KWD', 0.34, 30_260],
])('converts 89.00 EUR into the minor units of %s', (currency, rate, amount) => {
  expect(convert(8_900, currency, rate)).toBe(amount);
});
