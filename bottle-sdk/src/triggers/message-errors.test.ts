import { expect, it } from 'vitest';
import { RetryError } from './message-errors.ts';

it('says when the message is wanted again', () => {
  expect(new RetryError('later', { after: '5m' }).details).toEqual({ afterMs: 300_000 });
  expect(new RetryError().details).toEqual({});
});
it('is not made without a reason before its options: they would be ignored', () => {
  expect(() => new RetryError({ after: '5m' } as unknown as string)).toThrow("new RetryError('why', { after: '5m' })");
});
