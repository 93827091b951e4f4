import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallContext, ObjectsDriver } from '@bottle/capabilities';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDirectoryObjects, type DirectoryObjectsOptions } from './directory-objects.ts';

let directory: string;
let driver: ObjectsDriver | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bottle-objects-'));
});
afterEach(async () => {
  await driver?.close();
  rmSync(directory, { recursive: true, force: true });
});

const call = { signal: new AbortController().signal } as CallContext;
async function start(options: Partial<DirectoryObjectsOptions> = {}): Promise<ObjectsDriver> {
  driver = await createDirectoryObjects({ id: 'objects.files', directory, maxBytes: 1_000_000, ...options });
  return driver;
}
async function* bytes(...chunks: (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    if (typeof chunk !== 'string') throw chunk;
    yield Buffer.from(chunk);
  }
}
const put = (objects: ObjectsDriver, key: string, ...chunks: (string | Error)[]) =>
  objects.put(
    { key, contentType: 'x/y', metadata: {}, ifAbsent: false, size: undefined, body: bytes(...chunks) },
    call,
  );
async function textOf(objects: ObjectsDriver, key: string): Promise<string | undefined> {
  const found = await objects.get(key, undefined, call);
  return found && (await Array.fromAsync(found.body)).map((chunk) => Buffer.from(chunk).toString()).join('');
}
const files = (): string[] =>
  existsSync(join(directory, 'blobs'))
    ? readdirSync(join(directory, 'blobs'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name))
    : [];

describe('objects in a directory', () => {
  it('are there again after a restart, and for another process that uses the directory', async () => {
    const first = await start();
    await put(first, 'a', 'one');
    const second = await createDirectoryObjects({ id: 'objects.files', directory, maxBytes: 1_000_000 });
    await put(second, 'a/b', 'two');
    expect(await textOf(first, 'a/b')).toBe('two');
    await first.close();
    expect(await textOf(second, 'a')).toBe('one');
    await second.close();
    driver = undefined;
  });
  it('have one file each, of nobody else, and none when they are replaced, removed, or never whole', async () => {
    const objects = await start();
    await put(objects, 'a', 'one');
    expect(files()).toHaveLength(1);
    expect(statSync(files()[0] ?? '').mode & 0o777).toBe(0o600);
    await put(objects, 'a', 'two');
    await expect(put(objects, 'a', 'three', new Error('broke off'))).rejects.toThrow('broke off');
    expect(files()).toHaveLength(1);
    expect(await textOf(objects, 'a')).toBe('two');
    await objects.delete('a', call);
    expect(files()).toEqual([]);
  });
  it('are read to their end by who began before they were replaced', async () => {
    const objects = await start();
    await put(objects, 'a', 'one');
    const found = await objects.get('a', undefined, call);
    await put(objects, 'a', 'other');
    await objects.delete('a', call);
    expect(Buffer.concat(await Array.fromAsync(found?.body ?? [])).toString()).toBe('one');
  });
  it('cannot be more than maxBytes, and what there is stays', async () => {
    const objects = await start({ maxBytes: 10 });
    await put(objects, 'a', '12345678');
    const full = { code: 'RESOURCE_EXHAUSTED', reason: 'objects-full' };
    await expect(put(objects, 'b', '123', '4567')).rejects.toMatchObject(full);
    const announced = { key: 'c', contentType: '', metadata: {}, ifAbsent: false, size: 3, body: bytes('never') };
    await expect(objects.put(announced, call)).rejects.toMatchObject(full);
    await put(objects, 'a', '1234567890');
    await objects.delete('a', call);
    await put(objects, 'b', '1234567890');
    expect(files()).toHaveLength(1);
  });
  it('say that the disk is full, and leave nothing behind', async () => {
    const made: string[] = [];
    const create: DirectoryObjectsOptions['create'] = async (path, flags, mode) => {
      made.push(path);
      await (await open(path, flags, mode)).close();
      return open('/dev/full', 'w');
    };
    const objects = await start({ create });
    const full = { code: 'RESOURCE_EXHAUSTED', reason: 'disk-full', details: { driverCode: 'ENOSPC' } };
    await expect(put(objects, 'a', 'x'.repeat(100_000))).rejects.toMatchObject(full);
    expect(made).toHaveLength(1);
    expect(files()).toEqual([]);
    expect(await objects.head('a', call)).toBeUndefined();
  });
  it('are not looked for behind links', async () => {
    const objects = await start();
    await put(objects, 'a', 'one');
    const [file = ''] = files();
    const elsewhere = join(directory, 'elsewhere');
    renameSync(file, elsewhere);
    symlinkSync(elsewhere, file);
    await expect(objects.get('a', undefined, call)).rejects.toMatchObject({ reason: 'driver-error' });
    const folder = join(file, '..');
    rmSync(folder, { recursive: true });
    mkdirSync(join(directory, 'folder'));
    renameSync(elsewhere, join(directory, 'folder', file.slice(folder.length + 1)));
    symlinkSync(join(directory, 'folder'), folder);
    const refused = { reason: 'driver-error', details: { driverCode: 'ELOOP' } };
    await expect(objects.get('a', undefined, call)).rejects.toMatchObject(refused);
  });
  it('whose file is gone are DATA_LOSS, not a wrong answer', async () => {
    const objects = await start();
    await put(objects, 'a', 'one');
    rmSync(files()[0] ?? '');
    await expect(objects.get('a', undefined, call)).rejects.toMatchObject({ code: 'DATA_LOSS' });
  });
  it('are rid of what a process left that died in the middle of a put, a day later', async () => {
    await put(await start(), 'a', 'one');
    await driver?.close();
    const [known = ''] = files();
    const folder = join(known, '..');
    const [old, young] = [join(folder, 'old'), join(folder, 'young')];
    writeFileSync(old, 'left');
    writeFileSync(young, 'left');
    for (const path of [known, old]) utimesSync(path, 1_700_000_000, 1_700_000_000);
    const objects = await start();
    await expect.poll(() => existsSync(old)).toBe(false);
    expect(existsSync(young)).toBe(true);
    expect(await textOf(objects, 'a')).toBe('one');
  });
});
