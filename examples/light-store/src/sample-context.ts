import type { FaaSHttpContext, FaaSLogger } from 'bottle-sdk';
import type { SampleShop } from './store/sample-shop.ts';

/** What a request brings, and what a function makes of the response. */
export interface SampleContext extends FaaSHttpContext {
  /** What the function wrote to its log. */
  readonly logged: { level: string; fields: object; message: string }[];
  readonly responseHeaders: Readonly<Record<string, string>>;
}

export interface SampleRequest {
  params?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
  cookies?: Readonly<Record<string, string>>;
}

/** As much of an invocation as the functions here ask for; for tests. */
export function sampleContext(
  shop: SampleShop,
  { params = {}, query = {}, headers = {}, cookies = {} }: SampleRequest = {},
): SampleContext {
  const logged: SampleContext['logged'] = [];
  const responseHeaders: Record<string, string> = {};
  const write = (level: string) => (fields: object, message: string) => logged.push({ level, fields, message });
  const context = {
    store: shop,
    bottle: shop.fake.bottle,
    logger: { info: write('info'), warn: write('warn') } as unknown as FaaSLogger,
    logged,
    params,
    query,
    url: '/',
    get: (name: string) => headers[name] ?? '',
    cookies: { get: (name: string) => cookies[name], set: () => {} },
    set: (name: string, value: string) => void (responseHeaders[name] = value),
    responseHeaders,
  };
  return context as unknown as SampleContext;
}
