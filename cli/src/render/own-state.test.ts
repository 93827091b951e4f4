import { expect, it } from 'vitest';
import { parseOperatorFile } from './operator-file.ts';
import { ownStateWarnings, unconfiguredWarning } from './own-state.ts';
import { OPERATOR, OPTIONS, planOf, SHOP } from './testing/fixture.ts';

const EMBEDDED = `resources:
  cache:
    items: { driver: memory } # of listItems
    carts: { driver: redis, url: redis://r }
  db:
    shop: { driver: sqlite, file: /data/shop.sqlite }
  lock: { timers: { driver: memory }, stock: { driver: memory } }
  mq:
    orders: &queue
      driver: embedded
    other: *queue
  config: { prices: { driver: file }, mounted: { driver: file, file: /etc/prices.yml } }
  switches: { flags: { driver: file } }
`;

const warnings = (operator: string, { aggregation = '', replicas = 1, maxReplicas = 1 } = {}): string[] =>
  ownStateWarnings(planOf(SHOP + aggregation), parseOperatorFile(operator, 'sidecar.yml'), {
    ...OPTIONS,
    replicas,
    maxReplicas,
  });

it('names each embedded resource once, with its line, whose it is, what comes of it, and what to use', () => {
  expect(warnings(EMBEDDED, { maxReplicas: 10 })).toEqual([
    "sidecar.yml:3  resources.cache.items: `driver: memory` is each pod's own, and there can be 10 of shop: what one keeps or counts, the others do not see; use `driver: redis`",
    "sidecar.yml:6  resources.db.shop: `driver: sqlite` is each pod's own, and there can be 10 of each kind: rows that one writes, the others do not have; use `driver: mysql`",
    "sidecar.yml:7  resources.lock.timers: `driver: memory` is each pod's own, and there can be 10 of shop-events: each fires every schedule; use `driver: redis`",
    "sidecar.yml:7  resources.lock.stock: `driver: memory` is each pod's own, and there can be 10 of each kind: two may hold the same lock at once; use `driver: redis`",
    "sidecar.yml:9  resources.mq.orders: `driver: embedded` is each pod's own, and there can be 10 of shop-events: a message is read only where it was published; use `driver: kafka`",
    "sidecar.yml:11  resources.mq.other: `driver: embedded` is each pod's own, and there can be 10 of each kind: a message is read only where it was published; use `driver: kafka`",
    "sidecar.yml:12  resources.config.prices: `driver: file` is each pod's own, and there can be 10 of each kind: what is set at one, the others do not have; use `driver: redis`",
    "sidecar.yml:13  resources.switches.flags: `driver: file` is each pod's own, and there can be 10 of each kind: what is set at one, the others do not have; use `driver: redis`",
  ]);
});

it('with one pod of each kind only what two kinds use is of several', () => {
  expect(warnings(EMBEDDED)).toEqual([]);
  const aggregation = 'aggregation:\n  queue: { functions: [onOrder] }\n';
  expect(warnings(EMBEDDED, { aggregation })).toEqual([
    "sidecar.yml:9  resources.mq.orders: `driver: embedded` is each pod's own, and there are shop-queue and shop-events: a message is read only where it was published; use `driver: kafka`",
  ]);
});

it('says nothing of what all pods share', () => {
  expect(warnings(OPERATOR, { maxReplicas: 10 })).toEqual([]);
});

it('where nothing is configured it names what embedded drivers would serve', () => {
  expect(unconfiguredWarning(planOf(SHOP), parseOperatorFile('timers: { lock: ticks }\n', 'sidecar.yml'))).toBe(
    'no resources are configured: each pod keeps its own (cache.items, cache.sessions, mq.orders, lock.ticks), and loses them when it ends',
  );
  expect(
    unconfiguredWarning(planOf('service: s\nfunctions: { a: { handler: a.b } }\n'), parseOperatorFile('', 'x')),
  ).toBe('no resources are configured: each pod keeps its own, and loses them when it ends');
});
