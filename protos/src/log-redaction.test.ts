import { expect, it } from 'vitest';
import { redactFields, redactText } from './log-redaction.ts';

it('masks values under names that say so, however deep, and leaves numbers and the rest', () => {
  const fields = {
    user: 'ada',
    tokens: 5,
    headers: { authorization: 'Bearer s3cret', 'Set-Cookie': ['sid=s3cret'], accept: '*/*' },
    config: [{ redis: { dbPassword: 's3cret', nested: { apiKey: 's3cret', api_key: 's3cret' } } }],
    rawHeaders: ['Host', 'a', 'Cookie', 's3cret'],
  };
  const text = JSON.stringify(redactFields(fields));
  expect(text).not.toContain('s3cret');
  expect(JSON.parse(text)).toMatchObject({
    user: 'ada',
    tokens: 5,
    headers: { accept: '*/*', authorization: '***' },
    rawHeaders: ['Host', 'a', 'Cookie', '***'],
  });
});

it.each([
  ['connect redis://:s3cret@cache:6379/0 failed', 'connect redis://***@cache:6379/0 failed'],
  ['mysql://root:s3@cr/et@db:3306/shop', 'mysql://***@db:3306/shop'],
  ['Authorization: Bearer abc.def-123', 'Authorization: Bearer ***'],
  ['at file:///a/node_modules/x@1.2.3/y.js:1:2', 'at file:///a/node_modules/x@1.2.3/y.js:1:2'],
  ['see https://example.com/a', 'see https://example.com/a'],
])('masks the credentials of %s', (text, masked) => {
  expect(redactText(text)).toBe(masked);
});

it('masks an error’s message, stack, fields and cause', () => {
  const error = new Error('cannot reach redis://u:s3cret@h', {
    cause: Object.assign(new Error('inner mysql://u:s3cret@h'), { password: 's3cret' }),
  });
  Object.assign(error, { input: 'redis://u:s3cret@h', config: { headers: { Authorization: 's3cret' } } });
  const text = JSON.stringify(redactFields({ err: error, other: [error] }));
  expect(text).not.toContain('s3cret');
  expect(text).toContain('cannot reach redis://***@h');
});

it('survives whatever is logged: circles, getters that throw, endless texts and objects', () => {
  const circle: Record<string, unknown> = { a: 1 };
  circle['self'] = circle;
  const throwing = {
    get bad(): never {
      throw new Error('no');
    },
  };
  expect(redactFields({ circle, throwing, bytes: Buffer.from('x'), big: 1n })).toMatchObject({
    circle: { a: 1, self: '[circular]' },
    throwing: '[unreadable]',
  });
  const startedAt = performance.now();
  redactText('://a:'.repeat(50_000));
  redactText('a'.repeat(1_000_000));
  redactFields({ list: Array.from({ length: 100_000 }, () => ({ deep: [[[{}]]] })) });
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});
