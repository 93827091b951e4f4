import { expect, it } from 'vitest';
import { typeNamed } from './content-type.ts';

it.each([
  ['html', 'text/html; charset=utf-8'],
  ['.html', 'text/html; charset=utf-8'],
  ['json', 'application/json; charset=utf-8'],
  ['png', 'image/png'],
  ['text/html', 'text/html'],
  ['application/vnd.mine', 'application/vnd.mine'],
])('the type named %s is %s', (name, type) => {
  expect(typeNamed(name)).toBe(type);
});
it.each(['htmx?', '', 'constructor', '.'])('%j names none, and says so', (name) => {
  expect(() => typeNamed(name)).toThrow(`"${name}" is no content type`);
});
