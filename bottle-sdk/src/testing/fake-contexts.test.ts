import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import { bottle } from '../bottle.ts';
import { defineFunction } from '../define-function.ts';
import { createFakeBottle, type FakeBottle, type FakeMessage } from './index.ts';

let fake: FakeBottle;
beforeEach(() => {
  fake = createFakeBottle();
});
afterEach(() => fake.close());

describe('a function under test', () => {
  it('consumes a message, and its calls reach the fake, by import and by context', async () => {
    const consume = defineFunction.mq<{ id: string }>(async (ctx, { key, value, attempt }) => {
      await bottle.cache('seen').set(value.id, attempt);
      await ctx.bottle.mq('done').publish('done', value, key === undefined ? {} : { key });
    });
    const ctx = fake.context({ trigger: 'mq', attributes: { topic: 'orders' } });
    await fake.run(() => consume(ctx, fake.message({ id: 'a' }, { key: 'k', attempt: 2 })));
    expect(await fake.bottle.cache('seen').get('a')).toBe(2);
    expect(fake.published('done', 'done').map((message) => message.key?.toString())).toEqual(['k']);
  });
  it('marks messages of a batch as failed', async () => {
    const consume = defineFunction.mqBatch<number>((_ctx, messages) => {
      for (const message of messages) if (message.value % 2 === 1) message.fail(new Error(`odd: ${message.value}`));
    });
    const messages = [1, 2, 3].map((value, offset) => fake.message(value, { offset }));
    await consume(fake.context(), messages);
    expect(messages.map(({ failed }) => failed)).toEqual([true, false, true]);
    expect(messages[0]?.failure).toEqual(new Error('odd: 1'));
    expect(messages[2]?.offset).toBe(2n);
  });
  it('gets its share of a broadcast', async () => {
    const share = defineFunction.timer<undefined>((_ctx, { shard }) => `${shard.index} of ${shard.count}`);
    expect(await share(fake.context(), fake.tick(undefined, { shard: { index: 2, count: 3 } }))).toBe('2 of 3');
  });
  it('answers an HTTP request with a status, headers and cookies', async () => {
    const show = defineFunction.http((ctx) => {
      ctx.status = 201;
      ctx.set('X-One', '1');
      ctx.append('x-one', ['2', '3']);
      ctx.type = 'text/plain';
      ctx.cookies.set('seen', 'yes', { maxAge: 60 });
      return [
        ctx.path,
        ctx.query['q'],
        ctx.params['id'],
        ctx.get('X-From'),
        ctx.cookies.get('session'),
        ctx.request.body,
      ];
    });
    const ctx = fake.httpContext({
      method: 'POST',
      url: '/items/7?q=a&q=b',
      params: { id: '7' },
      headers: { 'X-From': ['me', 'you'] },
      cookies: { session: 's1' },
      body: { price: 1 },
    });
    expect(await show(ctx, undefined)).toEqual(['/items/7', ['a', 'b'], '7', 'me, you', 's1', { price: 1 }]);
    expect(ctx.response).toEqual({
      status: 201,
      headers: { 'x-one': ['1', '2', '3'], 'content-type': ['text/plain'] },
      cookies: { seen: { value: 'yes', options: { maxAge: 60 } } },
    });
    expect(() => ctx.throw(404, 'no such item')).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND', httpStatus: 404 }),
    );
  });
  it('is refused headers and cookies that HTTP cannot carry, by their names', () => {
    const ctx = fake.httpContext();
    expect(() => ctx.set('X-Greeting', '世界')).toThrow('the response header "X-Greeting" cannot hold "世"');
    expect(() => ctx.append('x-a', ['b', 'c\r\nx-d: e'])).toThrow('the response header "x-a"');
    expect(() => ctx.set('x a', 'b')).toThrow('"x a" is not a name of a response header');
    expect(() => (ctx.type = 'text/π')).toThrow('the response header "content-type"');
    expect(() => ctx.cookies.set('a', '1', { path: '/;x' })).toThrow('the cookie "a"');
    expect(ctx.response).toEqual({ status: undefined, headers: {}, cookies: {} });
  });
  it('knows who is signed in at the gateway', async () => {
    const whoAmI = defineFunction.gateway((ctx) => ctx.gateway.session?.['user'] ?? 'nobody');
    expect(await whoAmI(fake.gatewayContext(), undefined)).toBe('nobody');
    expect(await whoAmI(fake.gatewayContext({ session: { user: 'ada' } }), undefined)).toBe('ada');
  });
  it('answers a gRPC call with metadata and a trailer', async () => {
    const reserve = defineFunction.rpc((ctx) => {
      ctx.rpc.setMetadata('X-Tenant', ctx.rpc.get('tenant'));
      ctx.rpc.setTrailer('left', '3');
      return ctx.rpc.method;
    });
    const ctx = fake.rpcContext({ method: 'Reserve', metadata: { tenant: 't1' } });
    expect(await reserve(ctx, undefined)).toBe('Reserve');
    expect([...ctx.sent.metadata, ...ctx.sent.trailer]).toEqual([
      ['x-tenant', 't1'],
      ['left', '3'],
    ]);
  });
});

it('events of the fake are typed by what they carry', () => {
  expectTypeOf(fake.message({ id: 1 })).toEqualTypeOf<FakeMessage<{ id: number }>>();
  expectTypeOf(fake.cloudEvent('text').data).toEqualTypeOf<string>();
  expectTypeOf(fake.tick({ day: 1 }).payload).toEqualTypeOf<{ day: number }>();
});

describe('form() of a fake request', () => {
  it('is the form of the test, through the parser and its limits', async () => {
    const form = new FormData();
    form.append('a', '1');
    form.append('file', new File([Buffer.alloc(2_000_000)], 'a.bin', { type: 'image/png' }));
    for (const { request } of [fake.httpContext({ form }), fake.gatewayContext({ form })]) {
      const read = await request.form();
      expect([read.get('a'), (read.get('file') as File).size]).toEqual(['1', 2_000_000]);
      expect(await request.form()).toBe(read);
    }
    const limited = fake.httpContext({ form }).request.form({ maxFileBytes: 1 });
    await expect(limited).rejects.toMatchObject({ reason: 'form-too-large' });
  });
  it('is what its body is by its content type, and 415 without one', async () => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    for (const body of ['a=1&b=2', Buffer.from('a=1&b=2'), Readable.from([Buffer.from('a=1&b=2')])]) {
      expect([...(await fake.httpContext({ headers, body }).request.form()).keys()]).toEqual(['a', 'b']);
    }
    for (const { request } of [fake.httpContext(), fake.gatewayContext()]) {
      await expect(request.form()).rejects.toMatchObject({ reason: 'not-a-form', httpStatus: 415 });
    }
  });
});
