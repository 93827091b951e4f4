import { expect, it } from 'vitest';
import { exampleValues, fillRoute, requiredParameters } from './route-pattern.ts';

it.each([
  ['/', [], '/'],
  ['/items/:id', ['id'], '/items/ID'],
  ['/:a-:b/c', ['a', 'b'], '/A-B/c'],
  ['/:name.json', ['name'], '/NAME.json'],
  ['/day/:day(^\\d+-(\\d+)$)/:n', ['day', 'n'], '/day/DAY/N'],
  ['/archive/:year?', [], '/archive'],
  ['/:year?', [], '/'],
  ['/files/*', [], '/files/'],
  ['/time/12::30', [], '/time/12:30'],
])('knows what %s needs, and fills it', (route, names, filled) => {
  expect(requiredParameters(route).map(({ name }) => name)).toEqual(names);
  expect(fillRoute(route, (name) => name.toUpperCase())).toBe(filled);
});
it('encodes what is put into a path', () => {
  expect(fillRoute('/items/:id', () => 'a/ü')).toBe('/items/a%2F%C3%BC');
});
it.each(['/:n(\\d+)', '/:l(de|fr)', '/:day(^\\d{4}-\\d{2}-\\d{2}$)', '/:x([A-Z]+)', '/:any'])(
  'has values that %s takes, none of another kind',
  (route) => {
    const [parameter] = requiredParameters(route);
    const values = parameter ? exampleValues(parameter) : [];
    expect(values.length).toBeGreaterThan(0);
    for (const value of values) expect(parameter?.pattern?.test(value) ?? true).toBe(true);
  },
);
it('has none for a pattern that asks for something else', () => {
  expect(requiredParameters('/:sum([0-9]{40})').flatMap(exampleValues)).toEqual([]);
});
