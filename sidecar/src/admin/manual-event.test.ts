import { BottleError, createMessageCodecs, DELIVERY_TYPE, type FunctionInfo } from '@bottle/protos';
import { describe, expect, it } from 'vitest';
import { manualEventOf, type ManualKind, parseManualKind } from './manual-event.ts';

type Triggers = Partial<Record<'http' | 'mq' | 'timers' | 'rpc' | 'cloudEvents' | 'gateway', object[]>>;

const functionWith = (triggers: Triggers): FunctionInfo =>
  ({ http: [], mq: [], timers: [], rpc: [], cloudEvents: [], gateway: [], ...triggers }) as unknown as FunctionInfo;

function eventFor(triggers: Triggers, data: unknown, kind?: ManualKind) {
  const body = data === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(data));
  return manualEventOf(functionWith(triggers), { kind, contentType: 'application/json', body });
}

const mq = [{ topic: 'paid', batch: 0 }];
const timers = [{ name: 'nightly', payloadJson: '{"days":1}' }];
const cloudEvents = [{ types: ['order.*', 'order.paid'] }];

describe('manualEventOf', () => {
  it.each([
    ['none', {}, 'TRIGGER_KIND_EVENT'],
    ['a route', { http: [{}], mq }, 'TRIGGER_KIND_EVENT'],
    ['a queue', { mq }, 'TRIGGER_KIND_MQ'],
    ['a schedule', { timers }, 'TRIGGER_KIND_TIMER'],
    ['events', { cloudEvents }, 'TRIGGER_KIND_CLOUDEVENT'],
    ['an API', { gateway: [{ api: 'shop.add', version: '2.0' }] }, 'TRIGGER_KIND_GATEWAY'],
    ['two kinds', { mq, timers }, 'TRIGGER_KIND_EVENT'],
  ])('takes the kind of the only trigger; with %s', (_what, triggers, trigger) => {
    expect(eventFor(triggers, 1).trigger).toBe(trigger);
  });
  it('makes the data the value of a message', () => {
    const { body, contentType, attributes, isBatch } = eventFor({ mq }, { id: 7 });
    const { topic, messages } = createMessageCodecs().decodeDelivery(body);
    expect([topic, messages[0]?.record.value?.toString(), messages[0]?.attempt]).toEqual(['paid', '{"id":7}', 1]);
    expect(contentType).toBe(DELIVERY_TYPE.one);
    expect(attributes.slice(0, 2)).toEqual(['topic', 'paid']);
    expect(isBatch).toBe(false);
    expect(eventFor({ mq: [{ topic: 'paid', batch: 5 }] }, 1).contentType).toBe(DELIVERY_TYPE.list);
  });
  it('makes the data the payload of a manual tick; without any, the schedule’s own', () => {
    const tick = eventFor({ timers }, { days: 2 });
    expect(tick.body.toString()).toBe('{"days":2}');
    expect(tick.attributes).toEqual(expect.arrayContaining(['nightly', 'manual', 'true']));
    expect(eventFor({ timers }, undefined).body.toString()).toBe('{"days":1}');
  });
  it('takes a CloudEvent as it is, and anything else for the data of one', () => {
    const whole = { specversion: '1.0', type: 't', source: '/s', id: 'i', subject: 'x', data: 1, tenant: 'a' };
    const given = eventFor({ cloudEvents }, whole);
    expect(JSON.parse(given.body.toString())).toMatchObject(whole);
    expect(given.attributes).toEqual(['id', 'i', 'source', '/s', 'type', 't', 'subject', 'x']);
    const made = JSON.parse(eventFor({ cloudEvents }, { id: 7 }).body.toString()) as object;
    expect(made).toMatchObject({ specversion: '1.0', type: 'order.paid', data: { id: 7 } });
  });
  it('does as it is told', () => {
    expect(eventFor({ mq }, 1, 'event').trigger).toBe('TRIGGER_KIND_EVENT');
    expect(eventFor({}, 1, 'mq').attributes).toContain('manual');
    expect(parseManualKind('timer')).toBe('timer');
    expect(parseManualKind(undefined)).toBeUndefined();
    expect(() => parseManualKind('cron')).toThrow(BottleError);
    const body = Buffer.from('{');
    expect(() => manualEventOf(undefined, { kind: 'cloudevent', contentType: '', body })).toThrow('not JSON');
  });
});
