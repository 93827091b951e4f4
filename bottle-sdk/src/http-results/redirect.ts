import type { FaaSHttpContext } from '../context.ts';

const STATUSES: ReadonlySet<number> = new Set([300, 301, 302, 303, 307, 308]);

/**
 * Sends the client elsewhere, as Koa does: letters that a URL cannot hold are encoded, those that are encoded stay, and there
 * is a line of text for those who do not follow. Throws RangeError for a status that is no redirect's.
 */
export function redirect(ctx: FaaSHttpContext, url: string, status: number): void {
  if (!STATUSES.has(status)) throw new RangeError(`${status} is not the status of a redirect`);
  const location = encodeUrl(url);
  ctx.status = status;
  ctx.set('location', location);
  ctx.type = 'text/plain; charset=utf-8';
  ctx.body = `Redirecting to ${location}.`;
}

function encodeUrl(url: string): string {
  return encodeURI(url.toWellFormed())
    .replaceAll(/%25([0-9a-f]{2})/gi, '%$1')
    .replaceAll('%5B', '[')
    .replaceAll('%5D', ']');
}
