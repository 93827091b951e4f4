import { bottle, defineFunction } from 'bottle-sdk';

/** A value that is no JSON is not caught here. */
export const read = defineFunction.http(async (ctx) => bottle.cache('shared').get(ctx.params['key'] ?? ''));

/** The first message that can be read. */
export const listen = defineFunction.http(async (ctx) => {
  const messages = await bottle.cache('shared').subscribe(ctx.params['channel'] ?? '');
  ctx.logger.info({}, 'listening');
  for await (const message of messages) return message;
  return {};
});
