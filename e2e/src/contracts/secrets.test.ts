import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CONTRACT_SECRETS, describeSecretsContract } from './secrets-contract.ts';
import { type ContractTarget, openFake, openSidecar } from './target.ts';

async function openFiles(values: Readonly<Record<string, string | Uint8Array>>): Promise<ContractTarget> {
  const directory = mkdtempSync(join(tmpdir(), 'bottle-secrets-'));
  for (const [key, value] of Object.entries(values)) writeFileSync(join(directory, key), value);
  const target = await openSidecar({ secrets: { contract: { driver: 'files', directory } } });
  return {
    bottle: target.bottle,
    async close() {
      await target.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

describeSecretsContract('the in-process fake', () => openFake({ secrets: { contract: CONTRACT_SECRETS } }));
describeSecretsContract('a sidecar with a directory of files', () => openFiles(CONTRACT_SECRETS));
describeSecretsContract('a sidecar with its environment', () => {
  const variables = Object.entries(CONTRACT_SECRETS).map(([key, value]) => [
    `CONTRACT_${key.toUpperCase().replaceAll('-', '_')}`,
    value,
  ]);
  const env = Object.fromEntries(variables) as Record<string, string>;
  return openSidecar({ secrets: { contract: { driver: 'env', prefix: 'CONTRACT_' } } }, env);
});

it('a value that is no text is given as bytes alone', async () => {
  const target = await openFiles({ der: Buffer.from([0x30, 0x82, 0xff, 0x0a]) });
  const secrets = target.bottle.secrets('contract');
  await expect(secrets.get('der')).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'secret-not-text' });
  expect([...(await secrets.bytes('der'))]).toEqual([0x30, 0x82, 0xff, 0x0a]);
  await target.close();
});
it('without any setting they are files below the data directory', async () => {
  const target = await openSidecar();
  await expect(target.bottle.secrets('shop').get('key')).rejects.toMatchObject({ reason: 'no-secret' });
  mkdirSync(join(target.dataDir, 'shop.secrets'));
  writeFileSync(join(target.dataDir, 'shop.secrets', 'key'), 'v\n');
  expect(await target.bottle.secrets('shop').get('key')).toBe('v');
  await target.close();
});
