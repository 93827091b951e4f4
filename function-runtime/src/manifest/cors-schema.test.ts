import { describe, expect, it } from 'vitest';
import { corsSchema, resolveCors } from './cors-schema.ts';

const messages = (raw: unknown): string[] =>
  corsSchema
    .safeParse(raw)
    .error?.issues.flatMap((issue) =>
      issue.code === 'invalid_union' ? issue.errors.flat().map(({ message }) => message) : issue.message,
    ) ?? [];
const resolve = (raw: unknown, service?: unknown) =>
  resolveCors(corsSchema.parse(raw), resolveCors(service === undefined ? undefined : corsSchema.parse(service), null));

describe('cors', () => {
  it('takes both spellings of the Serverless Framework', () => {
    const rule = {
      origins: ['https://a.com', 'https://*.b.com'],
      methods: ['GET', 'PUT'],
      headers: ['x-a'],
      exposedHeaders: ['x-b'],
      allowCredentials: true,
      maxAgeSec: 600,
    };
    const http = { origins: rule.origins, methods: ['get', 'put'], headers: ['x-a'] };
    const httpApi = { allowedOrigins: rule.origins, allowedMethods: ['GET', 'PUT'], allowedHeaders: 'x-a' };
    expect(resolve({ ...http, exposedHeaders: 'x-b', allowCredentials: true, maxAge: '10m' })).toEqual(rule);
    expect(resolve({ ...httpApi, exposedResponseHeaders: ['x-b'], allowCredentials: true, maxAge: 600 })).toEqual(rule);
  });
  it('true is the rule of the service, or all pages without cookies; false is none', () => {
    const open = { origins: ['*'], methods: [], headers: [], exposedHeaders: [], allowCredentials: false };
    expect(resolve(true)).toEqual(open);
    expect(resolve(true, { origin: 'https://a.com' })).toEqual({ ...open, origins: ['https://a.com'] });
    expect(resolve(false, true)).toBeNull();
    expect(resolve({}, { origin: 'https://a.com' })).toEqual(open);
    expect(resolve({ headers: '*', methods: ['any'], maxAge: 0 })).toEqual({ ...open, maxAgeSec: 0 });
    expect(resolveCors(undefined, null)).toBeNull();
  });
  it.each([
    '*',
    'null',
    'https://shop.example.com',
    'HTTPS://Shop.example.com:8443',
    'https://*.example.com',
    'https://pr-*.example.com',
    'http://localhost:*',
    'http://127.0.0.1:3000',
    'http://[::1]:3000',
    'capacitor://localhost',
    'chrome-extension://abcdefghijklmnop',
  ])('takes the origin %s', (origin) => expect(messages({ origin })).toEqual([]));
  it.each([
    'shop.example.com',
    'https://shop.example.com/',
    'https://shop.example.com/path',
    'https://*',
    'https://shop*',
    'https://*:443',
    'https://shop.*',
    'https://shop.*.com',
    'https://*.*.com',
    'https://a b.com',
    'https://a.com, https://b.com',
    '**',
    '',
  ])('refuses the origin "%s"', (origin) => expect(messages({ origins: [origin] })).not.toEqual([]));
  it.each([
    [{ allowCredentials: true }],
    [{ allowCredentials: true, origin: '*' }],
    [{ allowCredentials: true, allowedOrigins: ['https://a.com', '*'] }],
    [{ allowCredentials: true, origin: 'null' }],
    [{ allowCredentials: true, origin: 'https://a.com', exposedHeaders: ['*'] }],
    [{ origin: 'https://a.com', origins: ['https://a.com'] }],
    [{ headers: 'x a' }],
    [{ methods: 'fetch' }],
    [{ maxAge: -1 }],
    [{ credentials: true }],
  ])('refuses %j', (raw) => expect(messages(raw)).not.toEqual([]));
});
