import { expect, it } from 'vitest';
import { normalisePath } from './resolve-triggers.ts';
import { eventSchema } from './trigger-schemas.ts';

const isTaken = (path: string): boolean => eventSchema.safeParse({ http: { path } }).success;

it.each([
  '/',
  '/a/:id',
  '/a/:id/b',
  '/a/*',
  '/:a-:b',
  '/a/:id(^\\d+$)',
  '/a/{id}/{rest+}',
  '/a/:id([0-9]{3})',
  '/a/:x?',
  '/a/:id(\\d*)/b',
  '/a/:id(\\d+)?',
])('takes the route %s', (path) => {
  expect(isTaken(path)).toBe(true);
});
it.each([
  'a',
  '/a/*/b',
  '/a/**',
  '/a/:id(',
  '/a/:id((a+)+$)',
  '/a/:id((a*)*)',
  '/a/:id((a|b+){2,})',
  '/a/:id([a)',
  '/a?b=1',
  '/a/:id/?',
  '/a#b',
  '/a b',
  '/a\n',
])('refuses the route %s, which could not be served', (path) => {
  expect(isTaken(path)).toBe(false);
});
it.each([
  ['/a/{id}/{rest+}', '/a/:id/*'],
  ['/{user-id}', '/:user-id'],
  ['/:day(^\\d{4}-(\\d{2}){1}$)/{id}', '/:day(^\\d{4}-(\\d{2}){1}$)/:id'],
  ['/a/:id([0-9]{3})', '/a/:id([0-9]{3})'],
])('serves %s as %s', (path, served) => {
  expect(normalisePath(path)).toBe(served);
});
