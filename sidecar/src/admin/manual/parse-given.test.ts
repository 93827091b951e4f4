import { expect, it } from 'vitest';
import { type InvokeRequest, jsonOf, parseGiven } from './parse-given.ts';

const given = (request: Partial<InvokeRequest>) =>
  parseGiven({ query: {}, contentType: 'application/json', body: undefined, ...request });
const whole = (event: unknown, query: InvokeRequest['query'] = {}) =>
  given({ query, contentType: 'application/vnd.bottle.event+json', body: Buffer.from(JSON.stringify(event)) });

it('reads what is said once, and what is said several times', () => {
  const query = { as: 'http', path: '/a', method: 'post', query: ['a=1', 'b', 'c=d=e'], header: 'X-Tenant: a=b' };
  expect(given({ query, body: Buffer.from('{}') })).toEqual({
    as: 'http',
    path: '/a',
    method: 'POST',
    query: [
      ['a', '1'],
      ['b', ''],
      ['c', 'd=e'],
    ],
    headers: [['x-tenant', 'a=b']],
    data: Buffer.from('{}'),
    contentType: 'application/json',
    members: undefined,
  });
  expect(given({ query: { header: ['a=b:c', 'd: e'] } }).headers).toEqual([
    ['a', 'b:c'],
    ['d', 'e'],
  ]);
});
it.each([
  [{ like: 'http' }, 'there is no query parameter "like"'],
  [{ as: ['a', 'b'] }, '"as" stands there twice'],
  [{ header: 'nothing' }, 'takes a name and a value'],
  [{ header: '=x' }, 'takes a name and a value'],
])('refuses %j', (query, complaint) => {
  expect(() => given({ query })).toThrow(complaint);
});
it('takes a whole event apart, which says of which trigger it is', () => {
  expect(whole({ $event: 'mq:a', messages: [] })).toMatchObject({
    as: 'mq:a',
    data: undefined,
    members: { messages: [] },
  });
  expect(whole({ $event: 'mq:a' }, { as: 'mq' }).as).toBe('mq:a');
  expect(() => whole({ $event: 'mq:a' }, { as: 'mq:b' })).toThrow('for "mq:a", and --as says "mq:b"');
  expect(() => whole({ $event: 'mqs' }, { as: 'mq' })).toThrow('--as says "mq"');
  for (const event of [[], 1, {}, { $event: 5 }]) expect(() => whole(event)).toThrow('an object with "$event"');
});
it('keeps all digits of an integer, and says what is no JSON', () => {
  expect(jsonOf(given({ body: Buffer.from('9007199254740993') }))).toBe(9007199254740993n);
  expect(jsonOf(given({}))).toBeUndefined();
  expect(() => jsonOf(given({ body: Buffer.from('{') }))).toThrow('the data is not JSON');
});
