import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadManifest } from './manifest.ts';

it('lists what code may use, where events come from, and what keeps results, each with its line', async () => {
  const text = `service: s
functions:
  f:
    handler: a.b
    uses:
      - cache.carts
      - db.shop:read
    events:
      - http: { path: /a, idempotency: { key: header.k } }
      - mq: { topic: t }
      - mq:
          topic: u
          resource: mq.orders
          idempotency: { key: key, resource: once }
      - cloudevents: { resource: events, topic: t }
      - cloudevents: { path: /e }
      - timer: { type: every, value: 1s }
      - mtop: { api: a.b }
      - mtop: { api: a.c, session: none }
`;
  const project = mkdtempSync(join(tmpdir(), 'nr-'));
  writeFileSync(join(project, 'serverless.yml'), text);
  const { functions } = await loadManifest(project);
  rmSync(project, { recursive: true });
  const needs = functions.flatMap((spec) => spec.needs);
  expect(needs.every(({ by, source: file }) => by === 'f' && file === 'serverless.yml')).toBe(true);
  expect(needs.map(({ access }) => access).slice(0, 3)).toEqual([undefined, 'read', undefined]);
  expect(needs.map(({ resource, line, path }) => [resource, line, path.slice('functions.f.'.length)])).toEqual([
    ['cache.carts', 6, 'uses.0'],
    ['db.shop', 7, 'uses.1'],
    ['cache.idempotency', 9, 'events.0.http.idempotency.resource'],
    ['mq.default', 10, 'events.1.mq.resource'],
    ['mq.orders', 13, 'events.2.mq.resource'],
    ['cache.once', 14, 'events.2.mq.idempotency.resource'],
    ['mq.events', 15, 'events.3.cloudevents.resource'],
    ['timers.lock', 17, 'events.5.timer'],
    ['gateway.sessions', 18, 'events.6.mtop'],
  ]);
});
