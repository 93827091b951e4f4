import type { Readable } from 'node:stream';
import { bottle, BottleError, Code, defineFunction } from 'bottle-sdk';

const keyOf = (path: string): string => decodeURIComponent(path.slice('/files/'.length));

/** The request's body, as it comes. */
export const store = defineFunction.http((ctx, body) =>
  bottle.objects('files').put(keyOf(ctx.path), body as Readable, { contentType: ctx.get('content-type') || '' }),
);

export const serve = defineFunction.http(async (ctx) => {
  const files = bottle.objects('files');
  const found = await files.get(keyOf(ctx.path)).catch((error: unknown) => {
    if (error instanceof BottleError && error.reason === 'no-object')
      throw new BottleError(Code.NOT_FOUND, 'no-file', 'there is no such file');
    throw error;
  });
  ctx.set('content-type', found.contentType);
  return found.body;
});

const HOW: Record<string, () => Promise<unknown>> = {
  put: () => bottle.objects('files').put('a', 'x'),
  delete: () => bottle.objects('files').delete('a'),
  presign: () => bottle.objects('files').presign('a', { method: 'put' }),
  other: () => bottle.objects('others').head('a'),
};

/** What the call was refused with. */
export const overreach = defineFunction.http(async (ctx) => {
  try {
    await HOW[ctx.params['how'] ?? '']?.();
    return 'allowed';
  } catch (error) {
    const { code, reason } = BottleError.from(error);
    return `${code} ${reason}`;
  }
});
