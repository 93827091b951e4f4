import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudEvent, Kafka as KafkaBinding, type KafkaMessage } from 'cloudevents';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { TestPod, waitFor } from '../harness/pod.ts';

interface Seen {
  function: string;
  id: string;
  data: unknown;
  partitionkey?: string;
  ctxAttributes: Record<string, string>;
  trigger: string;
  [attribute: string]: unknown;
}

const folder = mkdtempSync(join(tmpdir(), 'bottle-ce-queue-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A pod whose mq.events is this driver, and everything its functions have seen. */
async function startPod(driver: object) {
  const config = join(folder, `${randomUUID()}.yml`);
  writeFileSync(config, JSON.stringify({ dataDir: folder, resources: { mq: { events: driver } } }));
  const pod = await TestPod.start({ project: 'cloudevents-queue', sidecarArgs: ['--config', config] });
  const seen = async (name: string): Promise<Seen[]> => {
    const all = (await (await fetch(`${pod.url}/seen`)).json()) as Seen[];
    return all.filter((each) => each.function === name);
  };
  return {
    pod,
    seen,
    publish: (message: { value: unknown; key?: string; headers: Record<string, string> }) =>
      fetch(`${pod.url}/publish`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(message),
      }).then((response) => expect(response.status).toBe(204)),
    find: async (name: string, id: string): Promise<Seen> => {
      const found = async () => (await seen(name)).find((each) => each.id === id);
      await waitFor(async () => (await found()) !== undefined, 40_000);
      return (await found()) as Seen;
    },
  };
}

const binary = (type: string, id: string, more: Record<string, string> = {}) => ({
  ce_specversion: '1.0',
  ce_type: type,
  ce_id: id,
  ce_source: '/test',
  ...more,
});

const embedded = () => ({ driver: 'embedded', file: ':memory:' });
const kafka = () => ({
  driver: 'kafka',
  brokers: (inject('kafkaBrokers') ?? '').split(','),
  topicPrefix: `ce-${randomUUID()}.`,
});

describe.each([
  ['the embedded queue', embedded],
  ['Kafka', kafka],
])('CloudEvents from %s', (_name, driver) => {
  let target: Awaited<ReturnType<typeof startPod>>;
  beforeAll(async () => {
    target = await startPod(driver());
  });
  afterAll(() => target.pod.end());

  it('reach the function in binary mode with attributes, parsed data and the key', async () => {
    const id = randomUUID();
    const headers = binary('com.example.paid', id, { 'content-type': 'application/json', ce_region: 'eu' });
    await target.publish({ value: { amount: 3 }, key: 'order-1', headers });
    const seen = await target.find('paid', id);
    expect(seen).toMatchObject({
      data: { amount: 3 },
      region: 'eu',
      partitionkey: 'order-1',
      datacontenttype: 'application/json',
      trigger: 'cloudevent',
      ctxAttributes: { id, topic: 'events', group: 'e2e-cloudevents-queue.paid', attempt: '1' },
    });
  });

  it('reach the function in structured mode', async () => {
    const id = randomUUID();
    const event = { specversion: '1.0', id, source: '/test', type: 'com.example.paid', data_base64: 'AAH/' };
    await target.publish({ value: event, headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' } });
    expect(await target.find('paid', id)).toMatchObject({ data: { hex: '0001ff' } });
  });

  it('are skipped by filters and counted, for each function by itself', async () => {
    const [other, fromBank, last] = [randomUUID(), randomUUID(), randomUUID()];
    await target.publish({ value: 'x', key: 'k', headers: binary('com.example.refunded', other) });
    await target.publish({
      value: 'x',
      key: 'k',
      headers: binary('com.example.refunded', fromBank, { ce_source: '/bank' }),
    });
    await target.publish({ value: 'x', key: 'k', headers: binary('com.example.paid', last) });
    await target.find('paid', last);
    const ids = new Set((await target.seen('paid')).map(({ id }) => id));
    expect([ids.has(other), ids.has(fromBank)]).toEqual([false, true]);
    await target.find('everything', other);
    const metrics = await (await target.pod.admin('/metrics')).text();
    expect(metrics).toMatch(/bottle_cloudevents_total\{function="paid",outcome="skipped"\} [1-9]/);
  });

  it('that are none become dead letters at once with the reason, and hold nobody up', async () => {
    const id = randomUUID();
    await target.publish({ value: { not: 'an event' }, key: 'same', headers: { 'x-other': '1' } });
    await target.publish({
      value: 'x',
      key: 'same',
      headers: binary('com.example.paid', '', { ce_time: 'yesterday' }),
    });
    await target.publish({ value: 'x', key: 'same', headers: binary('com.example.paid', id) });
    expect(await target.find('paid', id)).toMatchObject({ type: 'com.example.paid' });
    const metrics = async () => (await target.pod.admin('/metrics')).text();
    const buried = /function="paid"[^\n]*dead-letter[^\n]* 2$/m;
    await waitFor(async () => buried.test(await metrics()), 20_000);
  });
});

describe('CloudEvents in Kafka', () => {
  it('written by the official library are understood in both modes', async () => {
    const settings = kafka();
    const target = await startPod(settings);
    const producer = new Kafka({ brokers: settings.brokers, logLevel: logLevel.NOTHING }).producer();
    await producer.connect();
    const about = { type: 'com.example.paid', source: '/official', datacontenttype: 'application/json' };
    const event = new CloudEvent({ ...about, data: { a: 1 } });
    const copy = event.cloneWith({ id: randomUUID() });
    for (const message of [KafkaBinding.binary(event), KafkaBinding.structured(copy)] as KafkaMessage[]) {
      const value = typeof message.value === 'string' ? message.value : JSON.stringify(message.value);
      const headers = Object.entries(message.headers).filter(([, header]) => header !== undefined);
      await producer.send({
        topic: `${settings.topicPrefix}events`,
        messages: [{ value, headers: Object.fromEntries(headers) as Record<string, string> }],
      });
    }
    await producer.disconnect();
    for (const { id } of [event, copy]) {
      expect(await target.find('paid', id)).toMatchObject({ source: '/official', data: { a: 1 } });
    }
    await target.pod.end();
  });
});
