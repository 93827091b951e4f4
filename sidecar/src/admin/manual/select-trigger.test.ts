import type { FunctionInfo } from '@bottle/protos';
import { expect, it } from 'vitest';
import { nameOf, selectTrigger } from './select-trigger.ts';

type Triggers = Partial<Record<'http' | 'mq' | 'timers' | 'rpc' | 'cloudEvents' | 'gateway', object[]>>;

const functionWith = (triggers: Triggers): FunctionInfo =>
  ({
    name: 'f',
    http: [],
    mq: [],
    timers: [],
    rpc: [],
    cloudEvents: [],
    gateway: [],
    ...triggers,
  }) as unknown as FunctionInfo;
const orders = { resource: 'default', topic: 'orders', group: 's.f' };
const returns = { resource: 'default', topic: 'returns', group: 's.f' };
const nightly = { name: 'nightly' };
const reserve = { service: 'shop.v1.Stock', method: 'Reserve' };

it.each([
  ['event', {}],
  ['http', { http: [{ path: '/a' }, { path: '/b' }] }],
  ['mq', { mq: [orders] }],
  ['timer', { timers: [nightly] }],
  ['rpc', { rpc: [reserve] }],
  ['cloudevent', { cloudEvents: [{}, {}] }],
  ['gateway', { gateway: [{ api: 'shop.add', version: '1.0' }] }],
])('takes the only trigger where nobody says which: %s', (kind, triggers) => {
  const info = functionWith(triggers);
  const selected = selectTrigger(info, undefined);
  expect(selected.kind).toBe(kind);
  expect(nameOf(info, selected)).toBeUndefined();
});

const many = functionWith({ http: [{ path: '/' }], mq: [orders, returns], timers: [nightly], rpc: [reserve] });
it.each([
  ['http', 'http', undefined],
  ['mq:returns', 'mq:returns', returns],
  ['mq:default/returns', 'mq:returns', returns],
  ['timer', 'timer', nightly],
  ['timer:nightly', 'timer', nightly],
  ['rpc:Reserve', 'rpc', reserve],
  ['rpc:shop.v1.Stock/Reserve', 'rpc', reserve],
  ['event', 'event', undefined],
])('finds %s among several, and names it %s', (as, name, trigger) => {
  const selected = selectTrigger(many, as);
  expect('trigger' in selected ? selected.trigger : undefined).toBe(trigger);
  expect(nameOf(many, selected)).toBe(name);
});
it.each([
  [
    undefined,
    'f has several triggers, say which: --as http, --as mq:orders, --as mq:returns, --as timer, --as rpc, or',
  ],
  ['mq', 'f has several mq triggers, say which: --as mq:orders, --as mq:returns'],
  ['mq:none', 'f has no mq trigger "none": --as http, '],
  ['gateway', 'f has no gateway trigger: --as http, '],
  ['http:x', 'f has no http trigger "x"'],
  ['kafka', '--as is one of event, http, mq, timer, rpc, cloudevent, gateway, not "kafka"'],
])('names the choices where %s is not one of them', (as, complaint) => {
  expect(() => selectTrigger(many, as)).toThrow(complaint);
});
it('tells triggers of one topic apart', () => {
  const other = { resource: 'events', topic: 'orders', group: 's.f' };
  const info = functionWith({ mq: [orders, other] });
  expect(() => selectTrigger(info, undefined)).toThrow('--as mq:default/orders/s.f, --as mq:events/orders/s.f');
  expect(selectTrigger(info, 'mq:events/orders')).toEqual({ kind: 'mq', trigger: other });
});
