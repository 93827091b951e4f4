import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createImageStore, type ImageStore, type Upload } from './image-store.ts';

const PNG = Buffer.concat([Buffer.from('\u0089PNG\r\n\u001a\n', 'latin1'), Buffer.alloc(500, 1)]);
const GIF = Buffer.from('GIF89a and more');

let directory: string;
let images: ImageStore;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'light-store-test-'));
  images = createImageStore({ directory, maxBytes: 1_000 });
});
afterEach(() => rm(directory, { recursive: true }));

function uploadOf(bytes: Buffer, change: Partial<Upload> = {}): Upload {
  const body = Readable.from([bytes.subarray(0, 3), bytes.subarray(3)]);
  return {
    itemId: 'lamp',
    uploadId: 'u1',
    declaredType: 'image/png',
    body,
    signal: AbortSignal.timeout(5_000),
    ...change,
  };
}

async function storedBytes(): Promise<Buffer | undefined> {
  const image = await images.find('lamp');
  return image && buffer(image.open());
}

test('what was saved is found, byte for byte, with its type and size', async () => {
  expect(await images.save(uploadOf(PNG))).toBe(PNG.length);
  const image = await images.find('lamp');
  expect(image).toMatchObject({ type: 'image/png', bytes: PNG.length });
  await image?.close();
  expect(await storedBytes()).toEqual(PNG);
});

test('a picture that was never saved is not found', async () => {
  expect(await images.find('lamp')).toBeUndefined();
});

test('another picture takes the place of the first and changes the etag; a reader keeps the one it has', async () => {
  await images.save(uploadOf(PNG));
  const before = await images.find('lamp');
  await images.save(uploadOf(GIF, { declaredType: 'image/gif' }));
  const after = await images.find('lamp');
  expect(after?.type).toBe('image/gif');
  expect(after?.etag).not.toBe(before?.etag);
  expect(before && (await buffer(before.open()))).toEqual(PNG);
  await after?.close();
});

test.each([
  ['too large', uploadOfSize(1_001), 413],
  ['not what was declared', () => uploadOf(GIF), 415],
  ['empty', () => uploadOf(PNG, { body: Readable.from([]) }), 415],
])('a picture that is %s leaves the old one and no file besides', async (_what, upload, httpStatus) => {
  await images.save(uploadOf(PNG));
  await expect(images.save(upload())).rejects.toMatchObject({ httpStatus });
  expect(await storedBytes()).toEqual(PNG);
  expect(await readdir(directory)).toEqual(['lamp']);
});

test('a picture of exactly the limit is taken', async () => {
  expect(await images.save(uploadOfSize(1_000)())).toBe(1_000);
});

test('an upload that is given up leaves nothing', async () => {
  const controller = new AbortController();
  const body = new Readable({ read() {} });
  body.push(PNG);
  const saving = images.save(uploadOf(PNG, { body, signal: controller.signal }));
  controller.abort();
  await expect(saving).rejects.toMatchObject({ name: 'AbortError' });
  expect(await readdir(directory)).toEqual([]);
  expect(body.destroyed).toBe(true);
});

function uploadOfSize(bytes: number): () => Upload {
  return () => uploadOf(Buffer.concat([PNG, Buffer.alloc(bytes - PNG.length)]));
}
