import { defineFunction, type FaaSContext, type FaaSHttpContext, type MqMessage } from 'bottle-sdk';
import { busy } from './busy.ts';
import { noteMessage, tallyOf } from './tally.ts';

/** A message as it is published. */
interface Numbered {
  id: number;
}

/** Five milliseconds of CPU; for a request the same as for a message. */
export function consume({ trigger }: FaaSContext, event: MqMessage<Numbered> | undefined): { ok: boolean } {
  busy(5);
  if (trigger === 'mq' && event) noteMessage('consume', String(event.value.id), event.attempt);
  return { ok: true };
}

/** Publishes so many messages: their ids count up from `from`. */
export async function publish(ctx: FaaSHttpContext, { from, count }: { from: number; count: number }): Promise<object> {
  const messages = Array.from({ length: count }, (_, at) => ({ value: { id: from + at } }));
  await ctx.bottle.mq('queue').publishMany(ctx.params['topic'] ?? '', messages);
  return { published: count };
}

/** What became of the messages that a function was given. */
export const consumed = defineFunction.http((ctx) => tallyOf(ctx.params['name'] ?? ''));
