import {
  BottleError,
  Code,
  type SecretKey__Output,
  type SecretKeys,
  type SecretList__Output,
  type SecretValue,
} from '@bottle/protos';
import type { Capability, UnaryMethod } from '../capability.ts';
import { assertSecretKey } from './secret-key.ts';
import type { SecretsDriver } from './secrets-port.ts';

const get: UnaryMethod<SecretsDriver, SecretKey__Output, SecretValue> = {
  kind: 'unary',
  facts: () => ({ operation: 'get', access: 'read', repeatable: true }),
  async serve(driver, { key }) {
    const value = await driver.get(assertSecretKey(key));
    if (value) return { value };
    throw new BottleError(Code.NOT_FOUND, 'no-secret', `there is no secret "${key}"`, { details: { key } });
  },
};

const list: UnaryMethod<SecretsDriver, SecretList__Output, SecretKeys> = {
  kind: 'unary',
  facts: () => ({ operation: 'list', access: 'read', repeatable: true }),
  async serve(driver) {
    return { keys: (await driver.list()).toSorted() };
  },
};

/** Secrets: who may use a resource reads all of it. */
export const secretsCapability: Capability<SecretsDriver> = {
  name: 'secrets',
  accesses: ['read'],
  methods: { get, list },
};
