import { describe, expect, it } from 'vitest';
import { createSigner } from './signature.ts';

// The example of docs/triggers.md; the gateway's signature.test.ts has it, too.
describe('the signer', () => {
  const signer = createSigner('correct horse battery staple', globalThis.crypto);
  const parts = {
    api: 'shop.cart.add',
    version: '1.0',
    appKey: 'shop-ios',
    timestamp: '1767225600000',
    nonce: '0f8fad5b-d9cb-469f-a165-70867728950e',
    device: 'iphone-17-a1',
    session: 's-3f9a',
  };

  it('signs requests as the documentation says', async () => {
    expect(await signer.request(parts, '{"itemId":"uplighter","quantity":2}')).toBe(
      'dbfa5c80342704a5fc518d61582e61b44810ede8fc54d82bd9e41a23366d5bf2',
    );
    expect(await signer.request({ ...parts, device: '', session: '' }, '')).toBe(
      '8e3c6689946cebe7756f85936f655927bb9b2f900a0bb8550458633721245abb',
    );
  });
  it('signs answers as the documentation says', async () => {
    const body =
      '{"api":"shop.cart.add","v":"1.0","ret":{"code":"ok","message":"success"},"data":{"items":2},"requestId":"51b6597fc70a31c800000000bd08cbdd","serverTime":1767225600123}';
    expect(await signer.response(parts.nonce, 200, body)).toBe(
      '2385e0370a0419096c257c58996ac014ec1dc3c93c31086e2270d42ec067c052',
    );
  });
  it('makes nonces of 32 hex digits that do not repeat', () => {
    const nonces = Array.from({ length: 1_000 }, () => signer.nonce());
    expect(nonces.every((nonce) => /^[0-9a-f]{32}$/.test(nonce))).toBe(true);
    expect(new Set(nonces).size).toBe(1_000);
  });
});
