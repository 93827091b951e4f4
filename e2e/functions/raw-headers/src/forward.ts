import { bottle, defineFunction } from 'bottle-sdk';

/** What it gets goes on as it was, and beside it what is text of it. */
export const forward = defineFunction.mq<string>(async (_ctx, message) => {
  if (message.value === 'dead') throw new Error('no');
  const { kind, traceparent: _, baggage: __, ...others } = message.headers;
  await bottle.mq('queue').publish('copy', { kind, others: Object.keys(others) }, { headers: message.rawHeaders });
});

export const send = defineFunction.http(async ({ params }) => {
  const headers = { kind: ['a', 'ü'], bytes: Buffer.from([0, 255, 0xc3, 0x28]), none: null };
  await bottle.mq('queue').publish('raw', params['value'], { headers });
});
