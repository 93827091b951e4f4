import { expect, it } from 'vitest';
import { createFakeBottle } from '../testing/index.ts';

const context = () => createFakeBottle().httpContext();

it.each([
  ['/elsewhere', '/elsewhere'],
  ['https://shop.example/a b?q=ü', 'https://shop.example/a%20b?q=%C3%BC'],
  ['/a%20b%', '/a%20b%25'],
  ['http://[::1]:80/', 'http://[::1]:80/'],
  ['/a\r\nset-cookie: b', '/a%0D%0Aset-cookie:%20b'],
  ['/\ud800', '/%EF%BF%BD'],
])('%j sends the client to %s', (url, location) => {
  const ctx = context();
  ctx.redirect(url);
  expect([ctx.status, ctx.response.headers['location'], ctx.body]).toEqual([
    302,
    [location],
    `Redirecting to ${location}.`,
  ]);
});
it('has the status that is asked for, if that is one of a redirect', () => {
  const ctx = context();
  ctx.redirect('/', 303);
  expect(ctx.status).toBe(303);
  expect(() => ctx.redirect('/', 200)).toThrow(RangeError);
});
