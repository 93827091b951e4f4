import type { StandardSchemaV1 } from '@standard-schema/spec';
import * as valibot from 'valibot';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import type { FaaSContext, FaaSGatewayContext, FaaSHttpContext } from './context.ts';
import { defineFunction } from './define-function.ts';
import { createFakeBottle } from './testing/index.ts';
import type { CloudEvent } from './triggers/cloud-event.ts';
import type { MqMessage } from './triggers/mq-message.ts';
import type { TimerTick } from './triggers/timer-tick.ts';

interface Order {
  id: string;
  lines: number;
}

/** What a validator without any library is: text in, a number out. */
const lineCount: StandardSchemaV1<string, number> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      typeof value === 'string' && /^\d+$/.test(value)
        ? { value: Number(value) }
        : { issues: [{ message: 'expected digits' }] },
  },
};

/** One that has to ask somebody. */
const knownSku: StandardSchemaV1<string> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: async (value) => {
      await Promise.resolve();
      return value === 'known'
        ? { value }
        : { issues: [{ message: 'no such sku', path: ['order', { key: 'lines' }, 0, Symbol.for('sku')] }] };
    },
  },
};

const zodOrder = z.object({ id: z.string(), lines: z.coerce.number().default(1) });
const valibotOrder = valibot.object({
  id: valibot.string(),
  lines: valibot.optional(valibot.pipe(valibot.unknown(), valibot.transform(Number)), 1),
});

const fake = createFakeBottle();
const ctx = fake.context();

describe('a function with an input schema', () => {
  const twice = defineFunction.event({ input: lineCount }, (_ctx, count) => count * 2);
  const buy = defineFunction.event({ input: knownSku }, (_ctx, sku) => `bought ${sku}`);

  it('gets what a synchronous or asynchronous validator makes of the payload', async () => {
    expect(await twice(ctx, '21')).toBe(42);
    expect(await buy(ctx, 'known')).toBe('bought known');
  });
  it('is not called with what the validator refuses: INVALID_ARGUMENT with every issue and its path', async () => {
    await expect(twice(ctx, 'many')).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'invalid-input',
      httpStatus: 400,
      message: 'expected digits',
      details: { issues: [{ path: '', message: 'expected digits' }] },
    });
    await expect(buy(ctx, 'unknown')).rejects.toMatchObject({
      message: 'order.lines.0.Symbol(sku): no such sku',
      details: { issues: [{ path: 'order.lines.0.Symbol(sku)', message: 'no such sku' }] },
    });
  });
  it.each([
    ['zod', defineFunction.event({ input: zodOrder }, (_ctx, order) => order)],
    ['valibot', defineFunction.event({ input: valibotOrder }, (_ctx, order) => order)],
  ])('takes schemas of %s', async (_library, take) => {
    expect(await take(ctx, { id: 'a', lines: '3' })).toEqual({ id: 'a', lines: 3 });
    expect(await take(ctx, { id: 'a' })).toEqual({ id: 'a', lines: 1 });
    const error: unknown = await Promise.resolve(take(ctx, { id: 7 } as never)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ reason: 'invalid-input', details: { issues: [{ path: 'id' }] } });
  });
  it('refuses at once, where it is defined, what is no schema', () => {
    expect(() => defineFunction.http({ input: {} as never }, () => 1)).toThrow('`input` is not a Standard Schema');
    expect(() => defineFunction.http({ input: zodOrder }, undefined as never)).toThrow('needs a handler');
  });
  it('fails as the validator does when that throws', async () => {
    const broken: StandardSchemaV1 = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () => {
          throw new Error('validator is broken');
        },
      },
    };
    await expect(defineFunction.event({ input: broken }, () => 1)(ctx, 1)).rejects.toThrow('validator is broken');
  });
});

describe('an input schema applies to the payload of', () => {
  it('a message: its value; everything else stays', async () => {
    const consume = defineFunction.mq({ input: zodOrder }, (_ctx, message) => message);
    const message = fake.message({ id: 'a' }, { key: 'k', headers: { trace: ['1', '2'] }, attempt: 3 });
    const { failed: _failed, failure: _failure, ...rest } = message;
    const received = await consume(ctx, message);
    expect(received).toEqual({ ...rest, value: { id: 'a', lines: 1 }, fail: expect.any(Function) });
    (received as MqMessage).fail('no');
    expect(message.failure).toBe('no');
    await expect(consume(ctx, fake.message({ id: 1 }))).rejects.toMatchObject({ reason: 'invalid-input' });
  });
  it('a batch: each value; messages that are refused fail by themselves, and none at all is no call', async () => {
    const batches: unknown[] = [];
    const consume = defineFunction.mqBatch({ input: zodOrder }, (_ctx, messages) => {
      batches.push(messages.map(({ value }) => value));
      messages[0]?.fail('late');
    });
    const messages = [fake.message({ id: 1 }), fake.message({ id: 'b' }), fake.message('c')];
    await consume(ctx, messages);
    expect(batches).toEqual([[{ id: 'b', lines: 1 }]]);
    expect(messages.map(({ failure }) => (failure as { reason?: string } | undefined)?.reason ?? failure)).toEqual([
      'invalid-input',
      'late',
      'invalid-input',
    ]);
    await consume(ctx, [fake.message(1)]);
    expect(batches).toHaveLength(1);
  });
  it('a tick: its payload', async () => {
    const report = defineFunction.timer({ input: zodOrder }, (_ctx, tick) => tick);
    const tick = fake.tick({ id: 'a' }, { name: 'nightly' });
    expect(await report(ctx, tick)).toEqual({ ...tick, payload: { id: 'a', lines: 1 } });
    await expect(report(ctx, fake.tick(undefined))).rejects.toMatchObject({ reason: 'invalid-input' });
  });
  it('a CloudEvent: its data; extensions stay', async () => {
    const paid = defineFunction.cloudEvent({ input: zodOrder }, (_ctx, event) => event);
    const event = fake.cloudEvent({ id: 'a' }, { type: 'order.paid', extensions: { tenant: 't1' } });
    expect(await paid(ctx, event)).toEqual({ ...event, data: { id: 'a', lines: 1 }, tenant: 't1' });
    await expect(paid(ctx, fake.cloudEvent(1))).rejects.toMatchObject({ reason: 'invalid-input' });
  });
});

it('a function without a schema is the handler itself', () => {
  const handler = (): string => 'done';
  const { http, event, mq, mqBatch, timer, rpc, rpcStream, cloudEvent, gateway } = defineFunction;
  const defined = [http(handler), event(handler), mq(handler), mqBatch(handler), timer(handler), rpc(handler)];
  for (const each of [...defined, rpcStream(handler), cloudEvent(handler), gateway(handler)])
    expect(each).toBe(handler);
});

it('events, contexts and results are typed without annotations', () => {
  defineFunction.http({ input: zodOrder }, (httpCtx, order) => {
    expectTypeOf(httpCtx).toEqualTypeOf<FaaSHttpContext>();
    expectTypeOf(order).toEqualTypeOf<Order>();
  });
  defineFunction.http<Order>((httpCtx, order) => {
    expectTypeOf(httpCtx).toEqualTypeOf<FaaSHttpContext>();
    expectTypeOf(order).toEqualTypeOf<Order>();
  });
  defineFunction.http((_ctx, body) => expectTypeOf(body).toBeUnknown());
  defineFunction.mq({ input: valibotOrder }, (mqCtx, message) => {
    expectTypeOf(mqCtx).toEqualTypeOf<FaaSContext>();
    expectTypeOf(message).toEqualTypeOf<MqMessage<Order>>();
  });
  defineFunction.mq<Order>((_ctx, { value }) => expectTypeOf(value).toEqualTypeOf<Order>());
  defineFunction.mqBatch({ input: zodOrder }, (_ctx, messages) => {
    expectTypeOf(messages).toEqualTypeOf<readonly MqMessage<Order>[]>();
  });
  defineFunction.timer((_ctx, tick) => expectTypeOf(tick).toEqualTypeOf<TimerTick>());
  defineFunction.timer({ input: zodOrder }, (_ctx, tick) => expectTypeOf(tick).toEqualTypeOf<TimerTick<Order>>());
  defineFunction.cloudEvent({ input: zodOrder }, (_ctx, event) => {
    expectTypeOf(event).toEqualTypeOf<CloudEvent<Order>>();
  });
  defineFunction.gateway({ input: zodOrder }, (gatewayCtx, order) => {
    expectTypeOf(gatewayCtx).toEqualTypeOf<FaaSGatewayContext>();
    expectTypeOf(order).toEqualTypeOf<Order>();
  });
  const take = defineFunction.event({ input: zodOrder }, async (_ctx, { id }) => ({ id }));
  expectTypeOf<Parameters<typeof take>[1]>().toEqualTypeOf<{ id: string; lines?: unknown }>();
  expectTypeOf<Awaited<ReturnType<typeof take>>>().toEqualTypeOf<{ id: string }>();
  // @ts-expect-error the schema's output has no such field
  defineFunction.event({ input: zodOrder }, (_ctx, order) => order.price);
  // @ts-expect-error what is not a Standard Schema is refused by the types, too
  expect(() => defineFunction.event({ input: { parse: () => 1 } }, () => 1)).toThrow(TypeError);
});
