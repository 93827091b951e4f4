import type { FaaSHttpContext } from 'bottle-sdk';

interface Publish {
  value: unknown;
  key?: string;
  headers?: Record<string, string>;
  partition?: number;
}

/** Publishes a list of messages; answers where they went. */
export async function publish(ctx: FaaSHttpContext, messages: Publish[]): Promise<unknown> {
  const receipts = await ctx.bottle.mq('queue').publishMany(ctx.params['topic'] ?? '', messages);
  return receipts.map(({ partition, offset }) => ({ partition, offset: String(offset) }));
}
