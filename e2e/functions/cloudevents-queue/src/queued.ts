import { bottle, defineFunction } from 'bottle-sdk';

const records: object[] = [];

/** Keeps what it was given; fails for events that ask for it. */
export const record = defineFunction.cloudEvent<{ fail?: boolean } | undefined>((ctx, event) => {
  const data = Buffer.isBuffer(event.data) ? { hex: event.data.toString('hex') } : event.data;
  records.push({ function: ctx.functionName, ...event, data, ctxAttributes: ctx.attributes, trigger: ctx.trigger });
  if (event.data && !Buffer.isBuffer(event.data) && event.data.fail) throw new Error('as asked');
});

interface Published {
  value: unknown;
  key?: string;
  headers: Record<string, string>;
}

export const publish = defineFunction.http<Published>(async (_ctx, { value, key, headers }) => {
  await bottle.mq('events').publish('events', value, { key, headers });
});

export const seen = (): object[] => records;
