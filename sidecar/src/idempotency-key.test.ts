import { describe, expect, it } from 'vitest';
import { idempotencyKeyOf, idempotencyOf, type KeySources } from './idempotency-key.ts';

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const keyOf = (expression: string, sources: Partial<KeySources>): string | undefined =>
  idempotencyKeyOf(expression, { payload: Buffer.alloc(0), ...sources });

describe('idempotencyKeyOf', () => {
  it('finds headers by their lower-case name', () => {
    const header = (name: string): string | undefined => ({ 'idempotency-key': 'k1' })[name];
    expect(keyOf('header.Idempotency-Key', { header })).toBe('k1');
    expect(keyOf('header.other', { header })).toBeUndefined();
    expect(keyOf('header.idempotency-key', {})).toBeUndefined();
  });
  it('finds fields of a JSON body, however deep; only what is one value', () => {
    const payload = json({ order: { id: 17, lines: [{ sku: 'a' }], paid: false, note: null }, empty: '' });
    expect(keyOf('body.order.id', { payload })).toBe('17');
    expect(keyOf('body.order.paid', { payload })).toBe('false');
    expect(keyOf('body.order.lines.0.sku', { payload })).toBe('a');
    for (const path of ['order', 'order.note', 'order.lines', 'order.id.x', 'empty', 'none', 'constructor.name']) {
      expect(keyOf(`body.${path}`, { payload })).toBeUndefined();
    }
  });
  it('finds nothing in a body that is no JSON, or no object', () => {
    for (const text of ['', 'text', '17', 'null', '{"order":']) {
      expect(keyOf('body.order', { payload: Buffer.from(text) })).toBeUndefined();
    }
  });
  it('takes the body that a trigger has decoded instead of the payload', () => {
    expect(keyOf('body.id', { payload: Buffer.of(0xff), json: () => ({ id: 'decoded' }) })).toBe('decoded');
  });
  it('finds attributes by their exact name', () => {
    expect(keyOf('attribute.order', { attributes: ['topic', 'order', 'order', '7'] })).toBe('7');
    expect(keyOf('attribute.Order', { attributes: ['order', '7'] })).toBeUndefined();
    expect(keyOf('attribute.order', {})).toBeUndefined();
  });
  it('finds cookies', () => {
    const header = (name: string): string | undefined => ({ cookie: 'a=1; cart=c%20d; cart=2;b=' })[name];
    expect(keyOf('cookie.cart', { header })).toBe('c%20d');
    expect(keyOf('cookie.b', { header })).toBeUndefined();
    expect(keyOf('cookie.rt', { header })).toBeUndefined();
    expect(keyOf('cookie.cart', {})).toBeUndefined();
  });
  it('puts several together, none of which may be missing, so that no two lists are the same key', () => {
    const sources = (one: string, two: string) => ({ attributes: ['one', one, 'two', two] });
    const expression = 'attribute.one + attribute.two';
    expect(keyOf(expression, sources('a', 'b'))).toBeDefined();
    expect(keyOf(expression, sources('a","b', 'c'))).not.toBe(keyOf(expression, sources('a', 'b","c')));
    expect(keyOf(expression, sources('a', ''))).toBeUndefined();
    expect(keyOf('attribute.one+attribute.none', sources('a', 'b'))).toBeUndefined();
  });
  it('takes the key of a message, be it no text, and the id of an event', () => {
    expect(keyOf('key', { key: Buffer.from('käse') })).toBe('käse');
    expect(keyOf('key', { key: Buffer.of(0xff, 0x00) })).toBe('ff00');
    expect(keyOf('key', { key: null })).toBeUndefined();
    expect(keyOf('key', { key: Buffer.alloc(0) })).toBeUndefined();
    expect(keyOf('id', { id: 'e-1' })).toBe('e-1');
    expect(keyOf('id', { key: 'k' })).toBeUndefined();
  });
});

describe('idempotencyOf', () => {
  const rule = { key: 'key', ttlMs: '1000', resource: 'idempotency' };
  it('is nothing without a rule', () => {
    expect(idempotencyOf(null, { scope: 's', payload: json(1), key: 'k' })).toBeUndefined();
    expect(idempotencyOf(undefined, { scope: 's', payload: json(1) })).toBeUndefined();
  });
  it('carries the rule, the scope, the payload and what the expression found', () => {
    const payload = json(1);
    expect(idempotencyOf(rule, { scope: 's', payload, key: 'k' })).toEqual({
      rule,
      scope: 's',
      key: 'k',
      payload,
      credentials: '',
    });
    expect(idempotencyOf(rule, { scope: 's', payload })).toMatchObject({ key: undefined });
    const header = (name: string): string => name;
    expect(idempotencyOf(rule, { scope: 's', payload, header })).toMatchObject({ credentials: 'authorization' });
  });
});
