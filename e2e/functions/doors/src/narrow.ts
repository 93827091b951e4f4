import { defineFunction, type FaaSContext, type FaaSHttpContext, type MqMessage } from 'bottle-sdk';
import { noteMessage } from './tally.ts';

/** Those that wait to be let go, by function. */
const held = new Map<string, () => void>();

/** A request with `?hold` keeps its place; everything else is done at once. */
export async function narrow(ctx: FaaSContext, event: MqMessage<{ id: number }>): Promise<{ ok: boolean }> {
  const { functionName, trigger, logger } = ctx;
  if (trigger === 'mq') noteMessage(functionName, String(event.value.id), event.attempt);
  if (trigger === 'http' && (ctx as FaaSHttpContext).query['hold'] !== undefined) {
    await new Promise<void>((resolve) => {
      held.set(functionName, resolve);
      logger.info('held');
    });
  }
  return { ok: true };
}

/** Lets it go. */
export const letGo = defineFunction.http((ctx) => {
  held.get(ctx.params['name'] ?? '')?.();
  return { ok: true };
});
