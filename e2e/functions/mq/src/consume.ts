import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { defineFunction, DropError, type FaaSContext, type MqMessage, RetryError } from 'bottle-sdk';
import { z } from 'zod';

/** What a message wants of its consumer. */
export interface Order {
  id: string;
  seq: number;
  /** How long it takes. */
  ms?: number;
  /** On how many of its first tries it fails. */
  fails?: number;
  drop?: boolean;
  /** Fails its first try, and asks for the next one so much later. */
  retryAfterMs?: number;
  /** Ends the process on its first tries. */
  exits?: number;
}

const journal = (consumer: string, phase: 'start' | 'end' | 'fail', message: MqMessage<Order>): void => {
  const { id, seq } = message.value;
  const line = {
    consumer,
    phase,
    id,
    seq,
    key: message.key ?? null,
    attempt: message.attempt,
    pid: process.pid,
    at: Date.now(),
  };
  appendFileSync(process.env['JOURNAL'] ?? '/dev/null', `${JSON.stringify(line)}\n`);
};

async function handle(consumer: string, message: MqMessage<Order>): Promise<void> {
  const { ms = 0, fails = 0, drop, retryAfterMs, exits = 0, id } = message.value;
  journal(consumer, 'start', message);
  if (ms > 0) await delay(ms);
  if (exits >= message.attempt) process.exit(1);
  if (drop) throw new DropError();
  if (retryAfterMs !== undefined && message.attempt === 1)
    throw new RetryError('later', { after: `${retryAfterMs}ms` });
  if (fails >= message.attempt) {
    journal(consumer, 'fail', message);
    throw new Error(`${id} does not want to`);
  }
  journal(consumer, 'end', message);
}

export const work = defineFunction.mq<Order>((ctx, message) => {
  const { trace } = message.headers;
  if (trace !== undefined) appendFileSync(process.env['JOURNAL'] ?? '', `${JSON.stringify(traceOf(ctx, message))}\n`);
  return handle('work', message);
});

function traceOf(
  { traceparent, baggage, attributes, trigger, caller }: FaaSContext,
  { value }: MqMessage<Order>,
): object {
  return { consumer: 'work', phase: 'trace', id: value.id, traceparent, baggage, attributes, trigger, caller };
}

export const audit = defineFunction.mq<Order>((_ctx, message) => handle('audit', message));

/** A message that fails is marked; "whole" makes the batch fail. */
export const bulk = defineFunction.mqBatch<Order>(async (_ctx, messages) => {
  appendFileSync(
    process.env['JOURNAL'] ?? '/dev/null',
    `${JSON.stringify({ consumer: 'bulk', phase: 'batch', id: '', ids: messages.map(({ value }) => value.id) })}\n`,
  );
  for (const message of messages) {
    try {
      await handle('bulk', message);
    } catch (error) {
      message.fail(error);
    }
  }
  if (messages.some(({ value, attempt }) => value.id.startsWith('whole') && attempt === 1))
    throw new Error('all of it');
});

const valid = z.object({ id: z.string(), seq: z.number() });
export const strict = defineFunction.mq({ input: valid }, (_ctx, message) => handle('strict', message));
