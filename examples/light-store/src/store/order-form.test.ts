import { BottleError } from 'bottle-sdk';
import { expect, test } from 'vitest';
import { parseOrderForm } from './order-form.ts';
import { sampleForm } from './sample-items.ts';

function fieldsRefusedIn(body: unknown): unknown[] {
  try {
    parseOrderForm(body);
  } catch (error) {
    if (!(error instanceof BottleError)) throw error;
    const problems = error.details['problems'];
    return Array.isArray(problems) ? problems.map(({ field }: { field: string }) => field) : [];
  }
  return [];
}

test('a form without mistakes comes out trimmed, without anything else that was sent', () => {
  const parsed = parseOrderForm({ ...sampleForm(), name: ' Ada Lovelace ', admin: true, expectedTotal: 300 });
  expect(parsed).toEqual({ ...sampleForm(), expectedTotal: 300 });
});

test('an empty object lacks everything, and the answer says so at once', () => {
  const fields = [
    'name',
    'email',
    'address.street',
    'address.postalCode',
    'address.city',
    'address.country',
    'payment',
  ];
  expect(fieldsRefusedIn({})).toEqual(fields);
});

test.each([
  ['email', { email: 'ada' }],
  ['name', { name: 'a'.repeat(101) }],
  ['address.country', { address: { ...sampleForm().address, country: 'de' } }],
  ['payment', { payment: 'toString' }],
  ['expectedTotal', { expectedTotal: 1.5 }],
  ['expectedTotal', { expectedTotal: '300' }],
])('refuses a wrong %s and nothing else', (field, change) => {
  expect(fieldsRefusedIn({ ...sampleForm(), ...change })).toEqual([field]);
});

test.each([[undefined], [null], ['text'], [[]], [Buffer.from('{}')]])(
  'a body that is no JSON object is refused: %s',
  (body) => {
    expect(() => parseOrderForm(body)).toThrow(BottleError);
  },
);
