import { basename } from 'node:path';
import type { FaaSHttpContext, SendFileOptions } from '../context.ts';
import { toMs } from '../duration.ts';
import { type ByteRange, contentRangeOf, rangeOf } from './byte-range.ts';
import { attachmentNamed, contentTypeOf } from './content-type.ts';
import { FileContent } from './file-content.ts';
import { evaluateConditions, isRangeWanted } from './preconditions.ts';
import { findFile, rootOf, type StaticFile } from './static-file.ts';

/** Makes a file the answer of a context; see `FaaSHttpContext.sendFile`. */
export async function sendFile(
  ctx: FaaSHttpContext,
  path: string,
  options: SendFileOptions,
  projectDir: string,
): Promise<void> {
  const { root, dotFiles = false } = options;
  const file = await findFile(path, { root: rootOf(root, projectDir), dotFiles, logger: ctx.logger });
  describe(ctx, file, options);
  const header = (name: string): string => ctx.get(name);
  const isRead = ctx.method === 'GET' || ctx.method === 'HEAD';
  // A function that answers with another status (an error page) sends the whole.
  if (!isRead || ctx.status !== 200) return sendPart(ctx, file, undefined);
  if (evaluateConditions(header, file) === 'not-modified') {
    ctx.status = 304;
    ctx.body = null;
    return;
  }
  ctx.set('accept-ranges', 'bytes');
  const isPart = ctx.method === 'GET' && isRangeWanted(header, file);
  sendPart(ctx, file, isPart ? rangeOf(header('range'), file.size) : undefined);
}

function describe(ctx: FaaSHttpContext, file: StaticFile, options: SendFileOptions): void {
  const { contentType, maxAge, immutable = false, download } = options;
  ctx.set('etag', file.etag);
  ctx.set('last-modified', file.lastModified);
  if (contentType !== undefined) ctx.type = contentType;
  else if (ctx.type === '') ctx.type = contentTypeOf(file.path);
  if (maxAge !== undefined) {
    ctx.set('cache-control', `public, max-age=${Math.trunc(toMs(maxAge) / 1_000)}${immutable ? ', immutable' : ''}`);
  }
  if (download === true || typeof download === 'string') {
    ctx.set('content-disposition', attachmentNamed(download === true ? basename(file.path) : download));
  }
}

function sendPart(ctx: FaaSHttpContext, file: StaticFile, range: ByteRange | undefined): void {
  const { first, last } = range ?? { first: 0, last: file.size - 1 };
  const length = last + 1 - first;
  ctx.status = range ? 206 : ctx.status;
  if (range) ctx.set('content-range', contentRangeOf(range, file.size));
  ctx.set('content-length', String(length));
  // HEAD gets the length alone; nothing is opened for it.
  ctx.body = ctx.method === 'HEAD' ? null : length === 0 ? Buffer.alloc(0) : new FileContent(file, { first, last });
}
