// One file per item, named after it. A picture is written beside its place and moved there when it is whole and on the
// disk, so a reader sees the old one or the new one, never half of either.
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BottleError, Code } from 'bottle-sdk';
import { IMAGE_HEAD_BYTES, type ImageType, imageTypeOf } from './image-type.ts';

export interface ImageStoreOptions {
  /** Made when the first picture comes. */
  directory: string;
  /** Largest picture. */
  maxBytes: number;
}

/** A picture on its way in. */
export interface Upload {
  /** The item's id, known to the catalogue: it becomes a file name. */
  itemId: string;
  /** Unique among the uploads under way. */
  uploadId: string;
  /** What the sender says it is. */
  declaredType: ImageType;
  body: Readable;
  signal: AbortSignal;
}

/** A picture on its way out. It holds a file open until it is closed, or opened and read or destroyed. */
interface StoredImage {
  type: ImageType;
  bytes: number;
  /** Changes with every upload; quoted, as it goes into the header. */
  etag: string;
  open(): Readable;
  close(): Promise<void>;
}

/** Pictures of items in a directory. */
export interface ImageStore {
  /** Stores a picture; returns its size. Throws INVALID_ARGUMENT when it is too large or not what was declared. */
  save(upload: Upload): Promise<number>;
  /** The item's picture, or undefined. */
  find(itemId: string): Promise<StoredImage | undefined>;
}

export function createImageStore({ directory, maxBytes }: ImageStoreOptions): ImageStore {
  const placeOf = (itemId: string): string => join(directory, itemId);

  async function* limited(body: Readable): AsyncGenerator<Uint8Array> {
    let total = 0;
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      total += chunk.length;
      if (total > maxBytes) throw imageTooLarge(maxBytes);
      yield chunk;
    }
  }

  return {
    async save({ itemId, uploadId, declaredType, body, signal }) {
      await mkdir(directory, { recursive: true });
      const draft = join(directory, `.${itemId}.${uploadId}`);
      try {
        const file = (await open(draft, 'w')).createWriteStream({ flush: true }); // open: what is removed below is there
        await pipeline(body, limited, file, { signal });
        if ((await typeOfFile(draft)) !== declaredType) throw notThatImage(declaredType);
        await rename(draft, placeOf(itemId));
        return file.bytesWritten;
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
    },

    async find(itemId) {
      const file = await openIfThere(placeOf(itemId));
      if (!file) return undefined;
      try {
        const { ino, size, mtimeNs } = await file.stat({ bigint: true });
        const type = await readType(file);
        if (!type) throw new Error(`${placeOf(itemId)} is not an image`);
        return {
          type,
          bytes: Number(size),
          etag: `"${[ino, size, mtimeNs].map((part) => part.toString(36)).join('-')}"`,
          open: () => file.createReadStream({ start: 0 }),
          close: () => file.close(),
        };
      } catch (error) {
        await file.close();
        throw error;
      }
    },
  };
}

/** The refusal of a picture that is over the limit. */
export function imageTooLarge(maxBytes: number): BottleError {
  const message = `a picture may have at most ${maxBytes} bytes`;
  return new BottleError(Code.INVALID_ARGUMENT, 'image-too-large', message, { details: { maxBytes }, httpStatus: 413 });
}

function notThatImage(declaredType: ImageType): BottleError {
  const message = `these bytes are not ${declaredType}`;
  return new BottleError(Code.INVALID_ARGUMENT, 'not-that-image', message, { httpStatus: 415 });
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function typeOfFile(path: string): Promise<ImageType | undefined> {
  await using file = await open(path, 'r');
  return await readType(file);
}

async function readType(file: FileHandle): Promise<ImageType | undefined> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(IMAGE_HEAD_BYTES), 0, IMAGE_HEAD_BYTES, 0);
  return imageTypeOf(buffer.subarray(0, bytesRead));
}
