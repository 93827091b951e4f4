import { defineFunction } from 'bottle-sdk';

const SECRET = 's3cr3t-of-the-function';

/** Everything that careless code puts into logs and errors. */
export const leak = defineFunction.http((ctx) => {
  const { logger } = ctx;
  switch (ctx.params['kind']) {
    case 'headers':
      logger.info({ headers: ctx.headers, raw: ctx.request.rawHeaders }, 'request');
      return 'logged';
    case 'fields':
      logger.warn({ user: { password: SECRET, nested: { api_key: SECRET } }, token: SECRET }, 'fields');
      return 'logged';
    case 'text':
      console.log(`connecting to redis://app:${SECRET}@cache:6379 with Bearer ${SECRET}`);
      return 'logged';
    case 'error':
      throw Object.assign(new Error(`cannot reach mysql://app:${SECRET}@db/shop`), {
        config: { headers: { authorization: `Bearer ${SECRET}` }, password: SECRET },
        cause: new Error(`redis://:${SECRET}@cache`),
      });
    case 'url':
      return new URL(`redis://app:${SECRET}@host:no-port/`);
    case 'later':
      setTimeout(() => {
        throw Object.assign(new Error(`late redis://app:${SECRET}@cache`), { secret: SECRET });
      }, 1);
      return 'later';
    default:
      return 'nothing';
  }
});
