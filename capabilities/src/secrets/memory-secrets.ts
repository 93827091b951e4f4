import { BottleError, Code } from '@bottle/protos';
import { MAX_SECRET_BYTES, type SecretsDriver } from './secrets-port.ts';

/** Secrets that somebody has at hand. `valueOf` and `keys` are asked anew at each call. */
export function createMemorySecrets(
  valueOf: (key: string) => string | Uint8Array | undefined,
  keys: () => string[],
): SecretsDriver {
  return {
    problem: undefined,
    ping: async () => {},
    async get(key) {
      const value = valueOf(key);
      if (value === undefined) return undefined;
      const bytes = typeof value === 'string' ? Buffer.from(value) : value;
      if (bytes.length > MAX_SECRET_BYTES) throw secretTooLarge(key);
      return bytes;
    },
    list: async () => keys(),
    close: async () => {},
  };
}

/** What a driver throws for a value that is larger than MAX_SECRET_BYTES. */
export function secretTooLarge(key: string): BottleError {
  const message = `the secret "${key}" has more than ${MAX_SECRET_BYTES} bytes`;
  return new BottleError(Code.FAILED_PRECONDITION, 'secret-too-large', message, { details: { key } });
}
