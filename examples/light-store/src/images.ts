import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BottleError, Code, defineFunction, type FaaSContext } from 'bottle-sdk';
import { findItem } from './catalogue.ts';

const MAX_IMAGE_BYTES = 5 * 1024 * 1024;
const TYPES: Readonly<Record<string, string>> = { 'image/png': 'png', 'image/jpeg': 'jpg', 'image/webp': 'webp' };

/** PUT /items/:id/image with a PNG, JPEG or WebP. The body is written as it arrives and never held in memory. */
export const put = defineFunction.http<Readable>(async (ctx, body) => {
  const { id } = findItem(ctx.params['id'] ?? '');
  const ending = TYPES[ctx.get('content-type')];
  if (!ending) {
    const message = `an image is one of ${Object.keys(TYPES).join(', ')}`;
    throw new BottleError(Code.INVALID_ARGUMENT, 'bad-image', message, { httpStatus: 415 });
  }
  const directory = await imageDirectory(ctx);
  const temporary = join(directory, `${ctx.requestId}.part`);
  try {
    const bytes = await writeLimited(body, temporary, ctx.signal);
    for (const other of Object.values(TYPES)) await rm(join(directory, `${id}.${other}`), { force: true });
    await rename(temporary, join(directory, `${id}.${ending}`));
    ctx.status = 201;
    return { id, bytes };
  } finally {
    await rm(temporary, { force: true });
  }
});

/** GET /items/:id/image, with ETag and 304. */
export const get = defineFunction.http(async (ctx) => {
  const { id } = findItem(ctx.params['id'] ?? '');
  const directory = await imageDirectory(ctx);
  for (const [type, ending] of Object.entries(TYPES)) {
    const file = join(directory, `${id}.${ending}`);
    const found = await stat(file).catch(() => undefined);
    if (!found) continue;
    const etag = `"${found.size}-${found.mtimeMs}"`;
    ctx.set('etag', etag);
    ctx.type = type;
    if (ctx.get('if-none-match') === etag) {
      ctx.status = 304;
      return null;
    }
    ctx.set('content-length', String(found.size));
    return createReadStream(file);
  }
  throw new BottleError(Code.NOT_FOUND, 'no-image', `${id} has no image yet`);
});

async function writeLimited(body: Readable, file: string, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  await pipeline(
    body,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > MAX_IMAGE_BYTES) {
          const message = `an image has at most ${MAX_IMAGE_BYTES} bytes`;
          throw new BottleError(Code.INVALID_ARGUMENT, 'image-too-large', message, { httpStatus: 413 });
        }
        yield chunk;
      }
    },
    createWriteStream(file),
    { signal },
  );
  return bytes;
}

async function imageDirectory({ env }: FaaSContext): Promise<string> {
  const directory = env['LIGHT_STORE_DATA_DIR'] ?? join(tmpdir(), 'light-store');
  await mkdir(directory, { recursive: true });
  return directory;
}
