import type { SecretsClient } from 'bottle-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContractTarget } from './target.ts';

/** What every driver is to have. */
export const CONTRACT_SECRETS = {
  'api-key': 'k-\u00fc"1"\\',
  pem: '-----BEGIN-----\nMIIEvQIBADANBgkq\n-----END-----\n',
  empty: '',
};

/** What every secrets driver does, seen through the SDK. `open` gives one with CONTRACT_SECRETS in the resource "contract". */
export function describeSecretsContract(title: string, open: () => Promise<ContractTarget>): void {
  describe(`secrets contract: ${title}`, () => {
    let target: ContractTarget;
    let secrets: SecretsClient;
    beforeAll(async () => {
      target = await open();
      secrets = target.bottle.secrets('contract');
    });
    afterAll(() => target?.close());

    it('gives values as text, without a line break at the end, and as bytes as they are', async () => {
      expect(await secrets.get('api-key')).toBe(CONTRACT_SECRETS['api-key']);
      expect(await secrets.get('pem')).toBe(CONTRACT_SECRETS.pem.trimEnd());
      expect(Buffer.from(await secrets.bytes('pem')).toString()).toBe(CONTRACT_SECRETS.pem);
      expect([await secrets.get('empty'), await secrets.bytes('empty')]).toEqual(['', Buffer.alloc(0)]);
    });
    it('lists the keys in order', async () => {
      expect(await secrets.keys()).toEqual(['api-key', 'empty', 'pem']);
    });
    it('says that there is none, and not what there is', async () => {
      const missing = {
        code: 'NOT_FOUND',
        reason: 'no-secret',
        details: { key: 'nothing', resource: 'secrets.contract' },
      };
      await expect(secrets.get('nothing')).rejects.toMatchObject(missing);
      await expect(secrets.get('constructor')).rejects.toMatchObject({ reason: 'no-secret' });
    });
    it('refuses keys that could lead elsewhere', async () => {
      const refused = { code: 'INVALID_ARGUMENT', reason: 'bad-key' };
      for (const key of [
        '',
        '.',
        '..',
        '../api-key',
        '..data',
        'a/b',
        '/etc/passwd',
        'a\u0000',
        'ü',
        'a b',
        'x'.repeat(254),
      ])
        await expect(secrets.get(key)).rejects.toMatchObject(refused);
    });
    it('ends with the signal', async () => {
      await expect(secrets.get('api-key', { signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: 'CANCELLED',
      });
    });
  });
}
