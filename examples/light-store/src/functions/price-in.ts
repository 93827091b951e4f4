import { BottleError, Code, type FaaSHttpContext } from 'bottle-sdk';
import { CURRENCY } from '../store/catalogue.ts';
import { FieldProblems } from '../store/field-problems.ts';
import { type Query, textOf } from '../store/query.ts';
import { convert } from '../store/rates.ts';

/** What replaces the price in the shop's own currency, or says why nothing does. */
type Converted = { currency: string; price: number; rate: number } | { note: string } | Record<string, never>;

/** `?currency=USD`, the shop's own by default. Throws INVALID_ARGUMENT. */
export function parseCurrency(query: Query): string {
  const currency = textOf(query, 'currency') || CURRENCY;
  const problems = new FieldProblems();
  if (!/^[A-Z]{3}$/.test(currency)) problems.add('currency', 'expected three capital letters (ISO 4217)');
  problems.throwIfAny('invalid-query');
  return currency;
}

/** A price in another currency. Without a rate the shop goes on in its own, and says so. Throws for one nobody knows. */
export async function priceIn(currency: string, price: number, ctx: FaaSHttpContext): Promise<Converted> {
  if (currency === CURRENCY) return {};
  let rate: number | undefined;
  try {
    rate = await ctx.store.rates.of(currency);
  } catch (thrown) {
    const { reason } = BottleError.from(thrown);
    if (reason === 'no-resource')
      return { note: `prices in ${currency} need the http resource "rates" in sidecar.yml` };
    ctx.logger.warn({ err: thrown, currency }, 'no exchange rate');
    return { note: `there is no rate for ${currency} at the moment` };
  }
  if (rate === undefined) throw new BottleError(Code.INVALID_ARGUMENT, 'no-rate', `nobody has a rate for ${currency}`);
  return { currency, price: convert(price, currency, rate), rate };
}
