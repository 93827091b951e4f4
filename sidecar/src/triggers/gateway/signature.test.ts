import { describe, expect, it } from 'vitest';
import { canonicalRequest, canonicalResponse, secretOf, sign } from './signature.ts';

// The example of docs/triggers.md. gateway-client has the same test: both sides agree with the page.
const SECRET = 'correct horse battery staple';
const PARTS = {
  method: 'POST',
  api: 'shop.cart.add',
  version: '1.0',
  appKey: 'shop-ios',
  timestamp: '1767225600000',
  nonce: '0f8fad5b-d9cb-469f-a165-70867728950e',
  device: 'iphone-17-a1',
  session: 's-3f9a',
};
const BODY = Buffer.from('{"itemId":"uplighter","quantity":2}');
const SIGNATURE = 'dbfa5c80342704a5fc518d61582e61b44810ede8fc54d82bd9e41a23366d5bf2';

describe('a signature', () => {
  it('is that of the documentation for a request', () => {
    const text = canonicalRequest(PARTS, BODY);
    expect(text.split('\n')).toHaveLength(9);
    expect(sign(text, SECRET)).toBe(SIGNATURE);
  });
  it('is that of the documentation without device, session and body: their lines are empty', () => {
    const text = canonicalRequest({ ...PARTS, device: '', session: '' }, Buffer.alloc(0));
    expect(sign(text, SECRET)).toBe('8e3c6689946cebe7756f85936f655927bb9b2f900a0bb8550458633721245abb');
  });
  it('is that of the documentation for an answer', () => {
    const body = Buffer.from(
      '{"api":"shop.cart.add","v":"1.0","ret":{"code":"ok","message":"success"},"data":{"items":2},"requestId":"51b6597fc70a31c800000000bd08cbdd","serverTime":1767225600123}',
    );
    const text = canonicalResponse(PARTS.nonce, 200, body);
    expect(sign(text, SECRET)).toBe('2385e0370a0419096c257c58996ac014ec1dc3c93c31086e2270d42ec067c052');
  });
  it('tells by which of several secrets it was made, or that it was by none', () => {
    const text = canonicalRequest(PARTS, BODY);
    expect(secretOf(SIGNATURE, text, ['another secret', SECRET])).toBe(SECRET);
    expect(secretOf(SIGNATURE.toUpperCase(), text, [SECRET])).toBe(SECRET);
    expect(secretOf(SIGNATURE, text, ['another secret'])).toBeUndefined();
    expect(secretOf(SIGNATURE, `${text} `, [SECRET])).toBeUndefined();
    for (const garbage of ['', 'x', SIGNATURE.slice(1), `${SIGNATURE}00`]) {
      expect(secretOf(garbage, text, [SECRET])).toBeUndefined();
    }
  });
});
