import { type Bottle, BottleError, type CacheClient, type HttpClient } from 'bottle-sdk';
import { CURRENCY } from './catalogue.ts';

const FRESH = { ttl: '1h', stale: '1d' } as const;
/** The digits after the point of the shop's own minor units. */
const DIGITS = digitsOf(CURRENCY);

/** Exchange rates, from the HTTP upstream "rates". */
export class Rates {
  readonly #upstream: HttpClient;
  readonly #cache: CacheClient;

  constructor(bottle: Bottle) {
    this.#upstream = bottle.http('rates');
    this.#cache = bottle.cache('catalogue');
  }

  /** What one unit of the shop's currency costs; undefined when the upstream does not know that currency. */
  of(currency: string): Promise<number | undefined> {
    return this.#cache.through(`rate:${currency}`, () => this.#load(currency), FRESH);
  }

  async #load(currency: string): Promise<number | undefined> {
    try {
      const path = `/latest?base=${CURRENCY}&symbols=${currency}`;
      const { rates } = await this.#upstream.json<{ rates?: Record<string, number> }>(path);
      return rates?.[currency];
    } catch (error) {
      if (error instanceof BottleError && error.details['status'] === 404) return undefined;
      throw error;
    }
  }
}

/** An amount in minor units as minor units of another currency: a yen has none, a dinar a thousand. */
export function convert(amount: number, currency: string, rate: number): number {
  return Math.round(amount * rate * 10 ** (digitsOf(currency) - DIGITS));
}

function digitsOf(currency: string): number {
  const { maximumFractionDigits } = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions();
  return maximumFractionDigits ?? 2;
}
