import { expect, it } from 'vitest';
import { functionTable } from './function-table.ts';

const NO_TRIGGERS = { http: [], mq: [], timers: [], rpc: [], cloudEvents: [], gateway: [] };
const FUNCTION = { handler: 'src/f.f', state: 'ready', timeoutMs: 30_000, concurrency: 200, idempotent: false };

it('the function table has a line for each trigger of every kind', () => {
  const table = functionTable([
    {
      ...FUNCTION,
      ...NO_TRIGGERS,
      name: 'items',
      http: [
        { methods: ['GET', 'HEAD'], path: '/items/:id', host: 'shop.test' },
        { methods: ['ANY'], path: '/upload', stream: true },
      ],
      gateway: [{ api: 'shop.items.list', version: '1.0' }],
    },
    {
      ...FUNCTION,
      ...NO_TRIGGERS,
      name: 'work',
      mq: [
        { resource: 'orders', topic: 'paid', group: 'shop.work' },
        { resource: 'orders', topic: 'sent', group: 'g', batch: 10 },
      ],
      timers: [
        { name: 'nightly', cron: '0 30 3 * * *', timeZone: 'UTC' },
        { name: 'often', everyMs: 1500, broadcast: true },
        { name: 'work-2', intervalMs: 60_000, disabled: true },
      ],
      rpc: [
        { service: 'shop.v1.Stock', method: 'Reserve' },
        { service: 'shop.v1.Stock', method: 'Watch', responseStream: true },
      ],
      cloudEvents: [
        { path: '/events', types: ['order.*'], sources: ['/shop'] },
        { resource: 'orders', topic: 'events' },
      ],
    },
    { ...FUNCTION, ...NO_TRIGGERS, name: 'alone', state: 'failed' },
  ]);
  expect(table).toBe(
    [
      'FUNCTION  TRIGGER                                            HANDLER  TIMEOUT  CONCURRENCY  STATE',
      'items     GET,HEAD shop.test/items/:id                       src/f.f  30 s     200          ready',
      '          ANY /upload (stream)',
      '          gateway shop.items.list 1.0',
      'work      mq orders/paid (group shop.work)                   src/f.f  30 s     200          ready',
      '          mq orders/sent (group g, batches of 10)',
      '          timer nightly 0 30 3 * * * UTC',
      '          timer often every 1.5 s (every pod)',
      '          timer work-2 60 s after the run before (disabled)',
      '          rpc shop.v1.Stock/Reserve',
      '          rpc shop.v1.Stock/Watch (stream)',
      '          cloudevents /events (order.*, /shop)',
      '          cloudevents mq orders/events',
      'alone     (none)                                             src/f.f  30 s     200          failed',
      '',
    ].join('\n'),
  );
});
