import { expect, it } from 'vitest';
import { validBaggage, validTraceparent } from './trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

it('lets a valid traceparent pass, of later versions too', () => {
  expect(validTraceparent(`00-${TRACE}-${SPAN}-01`)).toBe(`00-${TRACE}-${SPAN}-01`);
  expect(validTraceparent(`01-${TRACE}-${SPAN}-00`)).not.toBe('');
});

it.each([
  undefined,
  '',
  'x',
  `ff-${TRACE}-${SPAN}-01`,
  `00-${'0'.repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${'0'.repeat(16)}-01`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-01\r\nx: y`,
  `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`,
  '-'.repeat(100_000),
])('drops %j', (value) => {
  expect(validTraceparent(value)).toBe('');
});

it('drops baggage beyond 8192 bytes or 64 members, or with characters no header may have', () => {
  expect(validBaggage('user=ada,tier=gold;x=1')).toBe('user=ada,tier=gold;x=1');
  expect(validBaggage(`a=${'b'.repeat(8_190)}`)).toHaveLength(8_192);
  expect(validBaggage(`a=${'b'.repeat(8_191)}`)).toBe('');
  expect(validBaggage(Array.from({ length: 64 }, (_, at) => `k${at}=v`).join())).not.toBe('');
  expect(validBaggage(Array.from({ length: 65 }, (_, at) => `k${at}=v`).join())).toBe('');
  expect([validBaggage('a=\r\nx: y'), validBaggage('a=\u0000'), validBaggage('a=ü'), validBaggage(undefined)]).toEqual([
    '',
    '',
    '',
    '',
  ]);
});
