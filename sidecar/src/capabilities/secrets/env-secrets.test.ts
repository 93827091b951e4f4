import { expect, it } from 'vitest';
import { createEnvSecrets } from './env-secrets.ts';

it('finds the variables of a prefix, and no others', async () => {
  const env = { PAY_API_KEY: 'k', PAY_: 'nameless', PAYMENT: 'no', PAY_EMPTY: '', OTHER: 'no', PAY_GONE: undefined };
  const driver = createEnvSecrets('PAY_', env);
  const textOf = async (key: string): Promise<string | undefined> => (await driver.get(key))?.toString();
  expect([await textOf('api-key'), await textOf('API_KEY'), await textOf('api.key')]).toEqual(['k', 'k', 'k']);
  expect([await textOf('empty'), await textOf('gone'), await textOf('other'), await textOf('__proto__')]).toEqual([
    '',
    undefined,
    undefined,
    undefined,
  ]);
  expect(await driver.list()).toEqual(['api-key', 'empty']);
});
