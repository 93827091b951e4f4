import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAX_SECRET_BYTES, type SecretsDriver } from '@bottle/capabilities';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileSecrets } from './file-secrets.ts';

let parent: string;
let directory: string;
let driver: SecretsDriver;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'bottle-secrets-'));
  directory = join(parent, 'mounted');
  mkdirSync(directory);
});
afterEach(async () => {
  await driver.close();
  rmSync(parent, { recursive: true, force: true });
});

const open = async (isOptional = false): Promise<void> => {
  driver = await createFileSecrets({ id: 'secrets.shop', directory, isOptional });
};
const textOf = async (key: string): Promise<string | undefined> => {
  const value = await driver.get(key);
  return value && Buffer.from(value).toString();
};
/** Written so long ago that what it holds is kept. */
const writeOld = (path: string, text: string): void => {
  writeFileSync(path, text);
  utimesSync(path, 1_700_000_000, 1_700_000_000);
};
/** A version of a Secret, as the kubelet writes it. */
const mountVersion = (version: string, values: Record<string, string>): void => {
  mkdirSync(join(directory, version));
  for (const [key, value] of Object.entries(values)) writeOld(join(directory, version, key), value);
  symlinkSync(version, join(directory, '..data_tmp'));
  renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
};

describe('secrets in files', () => {
  it('are seen to rotate by the next call, however a file changes', async () => {
    await open();
    const file = join(directory, 'key');
    writeOld(file, 'one');
    expect([await textOf('key'), await textOf('key')]).toEqual(['one', 'one']);
    writeFileSync(file, 'two');
    expect(await textOf('key')).toBe('two');
    writeOld(`${file}.new`, 'six');
    renameSync(`${file}.new`, file);
    expect(await textOf('key')).toBe('six');
    unlinkSync(file);
    expect(await textOf('key')).toBeUndefined();
  });
  it('are seen to rotate when one has just been written, and is written again within a tick of the clock', async () => {
    await open();
    for (let at = 100; at < 200; at++) {
      writeFileSync(join(directory, 'key'), `value ${at}`);
      expect(await textOf('key')).toBe(`value ${at}`);
    }
  });
  it('are seen to rotate together when Kubernetes swaps a mounted Secret', async () => {
    for (const key of ['user', 'password']) symlinkSync(join('..data', key), join(directory, key));
    mountVersion('..2026_01', { user: 'u1', password: 'p1' });
    await open();
    expect([await textOf('user'), await textOf('password')]).toEqual(['u1', 'p1']);
    mountVersion('..2026_02', { user: 'u2', password: 'p2' });
    rmSync(join(directory, '..2026_01'), { recursive: true });
    expect([await textOf('user'), await textOf('password')]).toEqual(['u2', 'p2']);
    expect((await driver.list()).toSorted()).toEqual(['password', 'user']);
  });
  it('are none that a link leads to outside of the directory, no directories, and no pipes', async () => {
    writeFileSync(join(parent, 'outside'), 'outside');
    mkdirSync(`${directory}-2`);
    writeFileSync(join(`${directory}-2`, 'near'), 'near');
    symlinkSync('../outside', join(directory, 'relative'));
    symlinkSync('/etc/hostname', join(directory, 'absolute'));
    symlinkSync('../mounted-2/near', join(directory, 'near'));
    symlinkSync('self', join(directory, 'self'));
    mkdirSync(join(directory, 'folder'));
    execFileSync('mkfifo', [join(directory, 'pipe')]);
    await open();
    for (const key of ['relative', 'absolute', 'near', 'folder', 'pipe']) expect(await textOf(key)).toBeUndefined();
    await expect(driver.get('self')).rejects.toMatchObject({
      reason: 'driver-error',
      details: { driverCode: 'ELOOP' },
    });
    expect(await driver.list()).toEqual([]);
  });
  it('are refused when they are larger than a Secret may be', async () => {
    writeFileSync(join(directory, 'most'), Buffer.alloc(MAX_SECRET_BYTES));
    writeFileSync(join(directory, 'more'), Buffer.alloc(MAX_SECRET_BYTES + 1));
    await open();
    expect((await driver.get('most'))?.length).toBe(MAX_SECRET_BYTES);
    await expect(driver.get('more')).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'secret-too-large' });
  });
});

describe('a directory of secrets that is not there', () => {
  it('is a problem until it comes, also when nobody asks', async () => {
    rmSync(directory, { recursive: true });
    await open();
    expect(driver.problem).toContain('mounted cannot be read: ENOENT');
    await expect(driver.get('key')).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'resource-unavailable' });
    await expect(driver.ping()).rejects.toThrow('ENOENT');
    mkdirSync(directory);
    writeFileSync(join(directory, 'key'), 'here');
    await expect.poll(() => driver.problem, { timeout: 5_000 }).toBeUndefined();
    expect(await textOf('key')).toBe('here');
  });
  it('is none when nobody configured it: there are no secrets', async () => {
    rmSync(directory, { recursive: true });
    await open(true);
    expect(driver.problem).toBeUndefined();
    expect([await textOf('key'), await driver.list()]).toEqual([undefined, []]);
    await driver.ping();
  });
  it('is a problem when a file stands in its place', async () => {
    rmSync(directory, { recursive: true });
    writeFileSync(directory, 'no directory');
    await open();
    expect(driver.problem).toContain('ENOTDIR');
  });
});
