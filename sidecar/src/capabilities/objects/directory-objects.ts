// Objects in a directory: `index.sqlite` knows them, files below `blobs` have their bytes.
//  1. A body goes into a new file, which belongs to nothing until the index names it, in one commit. Whatever ends a put
//     before, there is nothing to see of it; what a process that died left behind is removed later.
//  2. Names of files are the driver's own: no key becomes part of a path. Links are not followed.
//  3. A file is written once. Who reads one goes on reading when its object is replaced or removed.
import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ObjectDownload,
  objectExists,
  type ObjectRange,
  type ObjectsDriver,
  type ObjectUpload,
  resolveObjectRange,
} from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import { BlobFiles } from './blob-files.ts';
import { fromDiskError } from './disk-errors.ts';
import { ObjectIndex } from './object-index.ts';

export interface DirectoryObjectsOptions {
  /** "objects.files" */
  id: string;
  directory: string;
  /** Most bytes of all objects. */
  maxBytes: number;
  /** As `open` of node:fs/promises. */
  create?: (path: string, flags: number, mode: number) => Promise<FileHandle>;
}

const READ_BYTES = 64 * 1024;
/** How often an object may be replaced between a look at the index and at its file. */
const MAX_LOOKS = 5;

export async function createDirectoryObjects(options: DirectoryObjectsOptions): Promise<ObjectsDriver> {
  const { id, maxBytes, create = open } = options;
  await mkdir(options.directory, { recursive: true });
  const directory = await realpath(options.directory);
  const index = new ObjectIndex(join(directory, 'index.sqlite'), maxBytes);
  const blobs = new BlobFiles(join(directory, 'blobs'));
  void blobs.sweep((blob) => index.hasBlob(blob));

  /** What the file system or the index refuses, said as the platform does. */
  async function explained<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw fromDiskError(error, id);
    }
  }

  async function put(upload: ObjectUpload, signal: AbortSignal) {
    const { key, contentType, metadata, ifAbsent } = upload;
    if (ifAbsent && index.find(key)) throw objectExists(key);
    index.assertRoom(key, upload.size ?? 0);
    const blob = randomUUID();
    const path = await blobs.place(blob);
    const handle = await create(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      const { size, digest } = await writeAll(handle, upload, (bytes) => index.assertRoom(key, bytes));
      await handle.datasync();
      await handle.close();
      signal.throwIfAborted();
      const etag = `"${digest}"`;
      const info = { key, size, etag, contentType, metadata, lastModifiedMs: Date.now() };
      const replaced = index.put({ info, blob }, ifAbsent); // 1
      if (replaced !== undefined) await blobs.remove(replaced);
      return info;
    } catch (error) {
      await handle.close().catch(() => {}); // has said why by itself
      if (!index.hasBlob(blob)) await blobs.remove(blob);
      throw error;
    }
  }

  async function get(
    key: string,
    range: ObjectRange | undefined,
    signal: AbortSignal,
  ): Promise<ObjectDownload | undefined> {
    for (let look = 1; ; look++) {
      const found = index.find(key);
      if (!found) return undefined;
      const { info, blob } = found;
      const { start, length } = resolveObjectRange(range, info.size);
      const handle = await blobs.open(blob);
      if (handle) {
        // Also when nobody begins to read.
        const close = (): void => void handle.close().catch(() => {});
        signal.addEventListener('abort', close, { once: true });
        if (signal.aborted) close();
        return { info, start, length, body: bytesOf(handle, start, length) };
      }
      if (look === MAX_LOOKS) {
        const message = `the file of an object of ${id} is missing`;
        throw new BottleError(Code.DATA_LOSS, 'driver-error', message, { details: { key } });
      }
    }
  }

  return {
    problem: undefined,
    async ping() {
      index.find('');
    },
    put: (upload, { signal }) => explained(() => put(upload, signal)),
    get: (key, range, { signal }) => explained(() => get(key, range, signal)),
    head: (key) => explained(async () => index.find(key)?.info),
    list: (selection) => explained(async () => index.list(selection)),
    delete: (key) =>
      explained(async () => {
        const removed = index.remove(key);
        if (removed !== undefined) await blobs.remove(removed);
      }),
    async presign() {
      const message = `${id} is a directory, which has no URLs of its own: serve its objects by a function`;
      throw new BottleError(Code.UNIMPLEMENTED, 'no-presign', message);
    },
    async close() {
      blobs.close();
      index.close();
    },
  };
}

/** No faster than the disk takes it. */
async function writeAll(
  handle: FileHandle,
  { body }: ObjectUpload,
  assertRoom: (bytes: number) => void,
): Promise<{ size: number; digest: string }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of body) {
    assertRoom(size + chunk.length);
    hash.update(chunk);
    for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at)).bytesWritten;
    size += chunk.length;
  }
  return { size, digest: hash.digest('hex').slice(0, 32) };
}

async function* bytesOf(handle: FileHandle, start: number, length: number): AsyncGenerator<Uint8Array> {
  try {
    for (let at = 0; at < length; ) {
      const buffer = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, length - at));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, start + at);
      if (bytesRead === 0) throw new BottleError(Code.DATA_LOSS, 'driver-error', 'the file of an object was cut off');
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
