// The canonical texts of the signed gateway, and HMAC-SHA-256 by WebCrypto. The gateway has the same in its signature.ts.

/** As much of WebCrypto as signing takes; React Native needs a polyfill for it. */
export interface SigningCrypto {
  readonly subtle: Pick<SubtleCrypto, 'digest' | 'importKey' | 'sign'>;
  getRandomValues(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
}

/** What a request's signature covers, besides its body. */
interface SignedParts {
  api: string;
  version: string;
  appKey: string;
  /** Milliseconds since 1970. */
  timestamp: string;
  nonce: string;
  device: string;
  session: string;
}

const encoder = new TextEncoder();

/** Signs with one secret. Texts are UTF-8, signatures 64 lower-case hex digits. */
export interface Signer {
  request(parts: SignedParts, body: string): Promise<string>;
  response(nonce: string, status: number, body: string): Promise<string>;
  /** 32 random hex digits. */
  nonce(): string;
}

export function createSigner(secret: string, crypto: SigningCrypto): Signer {
  let key: Promise<CryptoKey> | undefined;
  const sign = async (text: string): Promise<string> => {
    const hmac = { name: 'HMAC', hash: 'SHA-256' };
    key ??= crypto.subtle.importKey('raw', encoder.encode(secret), hmac, false, ['sign']);
    return hex(await crypto.subtle.sign('HMAC', await key, encoder.encode(text)));
  };
  const sha256 = async (text: string): Promise<string> =>
    hex(await crypto.subtle.digest('SHA-256', encoder.encode(text)));
  return {
    async request({ api, version, appKey, timestamp, nonce, device, session }, body) {
      const parts = ['POST', api, version, appKey, timestamp, nonce, device, session, await sha256(body)];
      return await sign(parts.join('\n'));
    },
    response: async (nonce, status, body) =>
      await sign(['RESPONSE', nonce, String(status), await sha256(body)].join('\n')),
    nonce: () => hex(crypto.getRandomValues(new Uint8Array(16)).buffer),
  };
}

function hex(buffer: ArrayBuffer): string {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
