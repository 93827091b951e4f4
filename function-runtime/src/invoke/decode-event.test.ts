import { describe, expect, it } from 'vitest';
import { decodeEvent, decodeValue } from './decode-event.ts';

const JSON_TYPE = 'application/json';
const FORM = 'application/x-www-form-urlencoded';
const utf8 = (text: string): Buffer => Buffer.from(text);
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const failureOf = (work: () => unknown): object => {
  try {
    return { value: work() };
  } catch (error) {
    const { reason, httpStatus } = error as { reason: string; httpStatus: number };
    return { reason, httpStatus };
  }
};
const form = (fields: object): object => Object.assign(Object.create(null) as object, fields);

describe('a body', () => {
  it.each<[Buffer, string, unknown]>([
    [utf8('{"a":"ü"}'), JSON_TYPE, { a: 'ü' }],
    [utf8('\ufeff{"a":"ü"}'), JSON_TYPE, { a: 'ü' }],
    [latin1('{"a":"ü"}'), `${JSON_TYPE}; charset=iso-8859-1`, { a: 'ü' }],
    [Buffer.from('{"a":"ü"}', 'utf16le'), 'application/problem+json;charset="utf-16le"', { a: 'ü' }],
    [utf8('grüße'), 'text/plain', 'grüße'],
    [utf8('\ufeffgrüße'), 'text/csv; charset=UTF8', 'grüße'],
    [latin1('grüße'), 'text/plain; charset=latin1', 'grüße'],
    [utf8('a=%C3%BC&b=1+2&b=&%61=x'), FORM, form({ a: ['ü', 'x'], b: ['1 2', ''] })],
    [utf8('\ufeffa=1'), FORM, form({ a: '1' })],
    [latin1('a=%FC&b=ü'), `${FORM}; charset=iso-8859-1`, form({ a: 'ü', b: 'ü' })],
    [Buffer.of(0xff, 0), 'application/octet-stream', Buffer.of(0xff, 0)],
    [Buffer.alloc(0), 'text/plain', undefined],
  ])('%s of %s is the whole of it', (body, type, event) => {
    expect(decodeEvent(body, type)).toEqual(event);
  });
  it.each<[Buffer, string, string, number]>([
    [latin1('{"a":"ü"}'), JSON_TYPE, 'malformed-text', 400],
    [latin1('grüße'), 'text/plain', 'malformed-text', 400],
    [utf8('a=%FC'), FORM, 'malformed-text', 400],
    [utf8('%ED%A0%80=1'), FORM, 'malformed-text', 400],
    [utf8('{}'), `${JSON_TYPE}; charset=klingon`, 'unknown-charset', 415],
    [utf8('a=1'), `${FORM}; charset=klingon`, 'unknown-charset', 415],
    [utf8('{'), JSON_TYPE, 'invalid-json', 400],
  ])('%s of %s is refused: nothing in it is replaced', (body, type, reason, httpStatus) => {
    expect(failureOf(() => decodeEvent(body, type))).toEqual({ reason, httpStatus });
  });
});

describe('a value', () => {
  it('without bytes is an empty one', () => {
    expect(decodeValue(Buffer.alloc(0), 'text/plain; charset=utf-8')).toBe('');
    expect(decodeValue(Buffer.alloc(0), JSON_TYPE)).toBe('');
    expect(decodeValue(Buffer.alloc(0), 'application/octet-stream')).toEqual(Buffer.alloc(0));
  });
  it('that is a text keeps its byte order mark', () => {
    expect(decodeValue(utf8('\ufeffx'), 'text/plain')).toBe('\ufeffx');
    expect(decodeValue(utf8('x'), 'text/plain')).toBe('x');
  });
});
