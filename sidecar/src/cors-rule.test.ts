import type { Cors__Output } from '@bottle/protos';
import { describe, expect, it } from 'vitest';
import { CorsRule } from './cors-rule.ts';

const rule = (given: Partial<Cors__Output>): CorsRule =>
  new CorsRule({ origins: ['*'], methods: [], headers: [], exposedHeaders: [], allowCredentials: false, ...given });
const allowed = (origins: string[], origin: string): boolean => {
  const headers: string[] = [];
  rule({ origins }).addTo(headers, origin);
  return headers.includes('access-control-allow-origin');
};

describe('CorsRule', () => {
  it.each([
    ['https://*.a.com', 'https://x.a.com', true],
    ['https://*.a.com', 'https://x.y.a.com', true],
    ['https://*.a.com', 'https://.a.com', false],
    ['https://*.a.com', 'https://x..a.com', false],
    ['https://*.a.com', 'https://xaacom', false],
    ['https://*.a.com', 'https://x.a.com:8443', false],
    ['https://*.a.com:*', 'https://x.a.com:8443', true],
    ['https://pr-*.a.com', 'https://pr-12.a.com', true],
    ['https://pr-*.a.com', 'https://pr-12.b.a.com', false],
    ['https://*-pr.a.com', 'https://x-pr.a.com', true],
    ['https://A.com', 'https://a.com', true],
    ['http://[::1]:*', 'http://[::1]:99', true],
    ['null', 'null', true],
    ['https://a.com', 'null', false],
  ])('%s and %s: %s', (pattern, origin, isAllowed) => expect(allowed([pattern], origin)).toBe(isAllowed));
  it('never lets all pages act as the user, whatever a function process announces', () => {
    const headers: string[] = [];
    rule({ allowCredentials: true }).addTo(headers, 'https://evil.com');
    expect(headers).toEqual(['vary', 'origin']);
  });
  it('takes no long time for a hostile origin', () => {
    const startedAt = performance.now();
    const many = Array.from({ length: 100 }, (_, at) => `https://*.a${at}.example.com`);
    for (const origin of [
      `https://${'a.'.repeat(7_000)}`,
      `https://${'a.'.repeat(245)}x`,
      `https://${'a'.repeat(500)}`,
    ])
      for (let turn = 0; turn < 20; turn++) allowed(many, origin);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});
