import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BottleError, Code, defineFunction, type FaaSHttpContext } from 'bottle-sdk';
import { createImageStore, imageTooLarge, type ImageStore } from '../store/image-store.ts';
import { IMAGE_TYPES, type ImageType } from '../store/image-type.ts';
import { itemOf } from './item-of.ts';

const DEFAULT_MAX_BYTES = 5 * 1024 * 1024;

/** PUT /items/:id/image: the body streams to the disk, so memory does not grow with the picture. */
export const upload = defineFunction.http(async (ctx) => {
  const { id } = await itemOf(ctx);
  const declaredType = declaredTypeOf(ctx);
  const maxBytes = maxBytesOf(ctx);
  if (Number(ctx.get('content-length')) > maxBytes) throw imageTooLarge(maxBytes);
  const { requestId: uploadId, signal } = ctx;
  const body = ctx.request.stream;
  const bytes = await imagesOf(ctx).save({ itemId: id, uploadId, declaredType, body, signal });
  ctx.logger.info({ item: id, type: declaredType, bytes }, 'picture stored');
  ctx.status = 201;
  ctx.set('location', `/items/${id}/image`);
  return { id, type: declaredType, bytes };
});

/** GET /items/:id/image: streams from the disk; a client that has the picture already gets 304. */
export const download = defineFunction.http(async (ctx) => {
  const { id } = await itemOf(ctx);
  const image = await imagesOf(ctx).find(id);
  if (!image) throw new BottleError(Code.NOT_FOUND, 'no-image', `there is no picture of "${id}" yet`);
  ctx.set('etag', image.etag);
  ctx.set('cache-control', 'no-cache'); // may be kept, must be asked for
  if (namesEtag(ctx.get('if-none-match'), image.etag)) {
    await image.close();
    ctx.status = 304;
    return null;
  }
  ctx.type = image.type;
  ctx.set('content-length', String(image.bytes));
  ctx.set('x-content-type-options', 'nosniff');
  return image.open();
});

function imagesOf(ctx: FaaSHttpContext): ImageStore {
  const directory = ctx.env['LIGHT_STORE_DATA_DIR'] ?? join(tmpdir(), 'light-store');
  return createImageStore({ directory: join(directory, 'images'), maxBytes: maxBytesOf(ctx) });
}

function maxBytesOf(ctx: FaaSHttpContext): number {
  const bytes = Number(ctx.env['LIGHT_STORE_MAX_IMAGE_BYTES']);
  return bytes > 0 ? bytes : DEFAULT_MAX_BYTES;
}

function declaredTypeOf(ctx: FaaSHttpContext): ImageType {
  const [mediaType = ''] = ctx.get('content-type').split(';');
  const type = IMAGE_TYPES.find((known) => known === mediaType.trim().toLowerCase());
  if (type) return type;
  throw new BottleError(Code.INVALID_ARGUMENT, 'no-image-type', `content-type: expected ${IMAGE_TYPES.join(', ')}`, {
    httpStatus: 415,
  });
}

/** Whether an If-None-Match field names the picture (RFC 9110, 13.1.2: compared weakly). */
function namesEtag(field: string, etag: string): boolean {
  return field.split(',').some((tag) => ['*', etag, `W/${etag}`].includes(tag.trim()));
}
