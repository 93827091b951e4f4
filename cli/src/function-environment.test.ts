import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { functionEnvironment, secretDirectories, secretFiles } from './function-environment.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bottle-env-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));
const file = (text: string): string => {
  const path = join(directory, 'sidecar.yml');
  writeFileSync(path, text);
  return path;
};

it('leaves out what the operator’s file refers to, in every form, and all settings of the sidecar', () => {
  const path = file('a: "redis://:${PASSWORD}@${HOST:-localhost}:6379"\nb: ${file:/run/secrets/b}\n# ${COMMENTED}\n');
  const env = {
    PASSWORD: 'x',
    HOST: 'x',
    COMMENTED: 'x',
    BOTTLE_RPC_TLS_KEY: 'x',
    BOTTLE_CONFIG: 'x',
    BOTTLE_LOG_LEVEL: 'debug',
    BOTTLE_BLOCKED_MS: '1',
    PATH: '/bin',
    SHOP: 'lamps',
  };
  expect(functionEnvironment(env, [path, join(directory, 'none.yml')])).toEqual({
    BOTTLE_LOG_LEVEL: 'debug',
    BOTTLE_BLOCKED_MS: '1',
    PATH: '/bin',
    SHOP: 'lamps',
  });
  expect(secretFiles([path])).toEqual(['/run/secrets/b']);
});

it('takes all files together: the sidecar may find another one than was named', () => {
  const other = join(directory, 'other.yml');
  writeFileSync(other, 'a: ${ONE}');
  expect(functionEnvironment({ ONE: '1', TWO: '2', THREE: '3' }, [other, file('a: ${TWO}')])).toEqual({ THREE: '3' });
});

it('leaves out the variables of secrets for functions, and knows the directories of others', () => {
  const path = file(
    [
      'resources:',
      '  secrets:',
      '    payments: { driver: env, prefix: PAY_ }',
      '    stage: { driver: env, prefix: "${STAGE:-TEST}_" }',
      '    mounted: { driver: files, directory: /run/secrets/shop }',
      '    nothing:',
    ].join('\n'),
  );
  const env = { PAY_API_KEY: 'x', TEST_A: 'x', PAYMENTS: 'lamps', STAGING: 'y' };
  expect(functionEnvironment(env, [path])).toEqual({ PAYMENTS: 'lamps', STAGING: 'y' });
  expect(secretDirectories([path], env)).toEqual(['/run/secrets/shop']);
  expect(functionEnvironment(env, [file('a: [')])).toEqual(env);
});
