import { expect, it } from 'vitest';
import { losesDigits } from './loses-digits.ts';

it.each([
  '1.1',
  '12345678901234567890',
  '0.10000000000000001',
  '1.100000000000000000000000',
  '100000000000000000000000.0',
  '1e300',
  '0.00000000000000000000000000000',
  '"0.12345678901234567890123"',
  '{"a":[1.2345678901234567,5e-324]}',
  '-0e999',
])('%s keeps all that it says', (text) => {
  expect(losesDigits(text)).toBe(false);
});

it.each(['1e400', '-1e400', '1e-400', '0.1234567890123456789', '{"a":[1,{"b":12345678901234567890.5}]}'])(
  '%s would lose some of it',
  (text) => {
    expect(losesDigits(text)).toBe(true);
  },
);
