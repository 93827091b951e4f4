import { expect, it } from 'vitest';
import { textToDate, toDate, toDateTimeText, toTimeText } from './mysql-dates.ts';

/** Year, month, day, hour, minute, second, microseconds. */
function moment(year: number, rest: number[], micros?: number): Buffer {
  const bytes = Buffer.alloc(2 + rest.length + (micros === undefined ? 0 : 4));
  bytes.writeUInt16LE(year);
  bytes.set(rest, 2);
  if (micros !== undefined) bytes.writeUInt32LE(micros, 2 + rest.length);
  return bytes;
}

it.each([
  [moment(2024, [2, 29]), '2024-02-29T00:00:00.000Z'],
  [moment(99, [12, 31, 23, 59, 59]), '0099-12-31T23:59:59.000Z'],
  [moment(0, [2, 29, 1, 2, 3], 4_000), '0000-02-29T01:02:03.004Z'],
  [moment(4, [2, 29]), '0004-02-29T00:00:00.000Z'],
  [moment(9999, [12, 31, 23, 59, 59], 999_000), '9999-12-31T23:59:59.999Z'],
])('%j is the Date %s', (bytes, text) => {
  expect(toDate(bytes)?.toISOString()).toBe(text);
  expect(textToDate(text.replace('T', ' ').replace('Z', ''))?.toISOString()).toBe(text);
});

it.each([Buffer.alloc(0), moment(2024, [2, 30]), moment(2024, [0, 1]), moment(2024, [1, 0]), moment(99, [2, 29])])(
  '%j is no Date',
  (bytes) => {
    expect(toDate(bytes)).toBeUndefined();
    expect(textToDate(toDateTimeText(bytes, 0))).toBeUndefined();
  },
);

it('a microsecond is more than a Date has, and is never left out of a text', () => {
  const bytes = moment(2024, [1, 2, 3, 4, 5], 100);
  expect(toDate(bytes)).toBeUndefined();
  expect(toDateTimeText(bytes, 0)).toBe('2024-01-02 03:04:05.0001');
});

it.each([
  [Buffer.alloc(0), 0, '00:00:00'],
  [Buffer.alloc(0), 3, '00:00:00.000'],
  [Buffer.from([1, 34, 0, 0, 0, 22, 59, 59]), 0, '-838:59:59'],
  [Buffer.from([0, 0, 0, 0, 0, 9, 8, 7, 0x20, 0xa1, 7, 0]), 3, '09:08:07.500'],
])('%j with %i digits is the time %s', (bytes, digits, text) => {
  expect(toTimeText(bytes, digits)).toBe(text);
});
