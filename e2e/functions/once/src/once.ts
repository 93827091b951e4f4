import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { BottleError, bottle, Code, defineFunction } from 'bottle-sdk';

const note = (line: string): void => appendFileSync(process.env['EXECUTED_FILE'] ?? '', `${line}\n`);

/** Publishes messages in order. */
export const send = defineFunction.http<{ key?: string; value: unknown }[]>(async (_ctx, messages) => {
  for (const { key, value } of messages) {
    await bottle.mq('default').publish('orders', value, key === undefined ? {} : { key });
  }
});

/** Fails at the first try of a value that says so. */
export const bill = defineFunction.mq<{ name: string; fails?: boolean }>((_ctx, { value, attempt }) => {
  note(value.name);
  if (value.fails && attempt === 1) throw new BottleError(Code.NOT_FOUND, 'no-order', 'not there yet');
});

/** Notes what went to the dead-letter topic, and why. */
export const buried = defineFunction.mq<{ name: string }>((_ctx, { value, headers }) => {
  note(`buried ${value.name} ${String(headers['bottle-dead-letter-reason'])}`);
});

/** Answers with a number that no other run has. */
export const pay = defineFunction.rpc<{ orderId: string; cents: number }>(async (ctx, { orderId, cents }) => {
  note(orderId);
  await delay(200);
  if (cents < 0) throw new BottleError(Code.INVALID_ARGUMENT, 'negative', 'no money back');
  ctx.rpc.setTrailer('till', '7');
  return { number: String(Math.random()) };
});
