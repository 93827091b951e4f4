import type { MqPublish__Output } from '@bottle/protos';
import { describe, expect, it } from 'vitest';
import type { CallContext, UnaryMethod } from '../capability.ts';
import { createEmbeddedQueue } from './embedded-queue.ts';
import { mqCapability } from './mq-capability.ts';
import type { QueueDriver } from './mq-port.ts';

const publish = mqCapability.methods['publish'] as UnaryMethod<QueueDriver, MqPublish__Output>;
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const callOf = (trace: Partial<CallContext>): CallContext =>
  ({ traceparent: '', baggage: '', signal: new AbortController().signal, ...trace }) as CallContext;
const messageWith = (...names: string[]) => ({
  headers: names.map((name) => ({ name, value: Buffer.from('own') })),
  value: Buffer.from('x'),
  delayMs: '0',
  timestampMs: '0',
});

async function headersOf(trace: Partial<CallContext>, ...own: string[]): Promise<[string, string][]> {
  const queue = createEmbeddedQueue({ file: ':memory:' });
  await publish.serve(queue, { topic: 't', messages: [messageWith(...own)] }, callOf(trace));
  const headers = queue.read('t')[0]?.headers ?? [];
  await queue.close();
  return headers.map(({ name, value }) => [name, String(value)]);
}

describe('publishing', () => {
  it('adds the trace context and baggage of the call', async () => {
    expect(await headersOf({ traceparent, baggage: 'a=1' }, 'kind')).toEqual([
      ['kind', 'own'],
      ['traceparent', traceparent],
      ['baggage', 'a=1'],
    ]);
  });

  it('adds nothing when there is no trace, or the message brings its own', async () => {
    expect(await headersOf({})).toEqual([]);
    expect(await headersOf({ traceparent }, 'Traceparent')).toEqual([['Traceparent', 'own']]);
  });

  it('hands on no word of the platform: that one group alone should get it, or that it is a dead letter', async () => {
    const own = ['bottle-retry-group', 'bottle-dead-letter-reason', 'bottle-dead-letter-handled', 'bottle-kept'];
    expect(await headersOf({}, ...own)).toEqual([['bottle-kept', 'own']]);
  });

  it('takes the grant "publish", and is never repeated', () => {
    const facts = publish.facts({ topic: 't', messages: [] });
    expect(facts).toEqual({ operation: 'publish', access: 'publish', repeatable: false });
    expect(mqCapability.accesses.indexOf('publish')).toBeGreaterThan(mqCapability.accesses.indexOf('consume'));
  });
});
