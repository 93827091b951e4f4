import { SERVERLESS_SCHEMA, SIDECAR_SCHEMA, type Template } from './template.ts';

/** A worker for messages, and a route that publishes them. */
export const mq: Template = {
  summary: 'a worker for messages of a queue',
  files: ({ name, ending, type }) => ({
    'serverless.yml': `${SERVERLESS_SCHEMA}service: ${name}

provider:
  timeout: 10 # seconds

functions:
  placeOrder:
    handler: src/orders.placeOrder
    uses: [mq.orders:publish]
    events:
      - http: { path: /orders, method: post }
  # Each message at least once, in order for each key. One that fails is tried again; in the end it is a dead letter.
  packOrder:
    handler: src/orders.packOrder
    uses: [cache.parcels]
    events:
      - mq: { resource: mq.orders, topic: orders, group: packing, retry: { attempts: 5, backoff: 1s } }
  showParcel:
    handler: src/orders.showParcel
    uses: [cache.parcels:read]
    events:
      - http: { path: /parcels/:id, method: get }

custom:
  examples:
    - >-
      curl localhost:8080/orders -H 'content-type: application/json' -d '{"id":"1","items":["lamp"]}'
    - curl localhost:8080/parcels/1
`,
    'sidecar.yml': `${SIDECAR_SCHEMA}# What the operator says. A resource that functions use has its line here; without any, embedded drivers serve every name.
resources:
  mq:
    orders: { driver: embedded } # or { driver: kafka, brokers: […] }
  cache:
    parcels: { driver: memory } # or { driver: redis, url: … }
`,
    [`src/orders.${ending}`]: `import { BottleError, bottle, Code, defineFunction, DropError } from 'bottle-sdk';
${type(`
export interface Order {
  id: string;
  items: string[];
}
`)}
/** The order is safe when this answers; it is packed later, in this pod or another. */
export const placeOrder = defineFunction.http${type('<Order>')}(async (ctx, order) => {
  await bottle.mq('orders').publish('orders', order, { key: order.id });
  ctx.status = 202;
  return { accepted: order.id };
});

/** A message may come again, so packing twice has to come out as packing once. */
export const packOrder = defineFunction.mq${type('<Order | null>')}(async (ctx, { value: order, attempt }) => {
  if (!order) throw new DropError('no order'); // a tombstone
  await bottle.cache('parcels').set(order.id, { items: order.items.length });
  ctx.logger.info({ orderId: order.id, attempt }, 'packed');
});

export const showParcel = defineFunction.http(async (ctx) => {
  const parcel = await bottle.cache('parcels').get(ctx.params.id ?? '');
  if (parcel === undefined) throw new BottleError(Code.NOT_FOUND, 'no-parcel', 'it is not packed yet');
  return parcel;
});
`,
    [`src/orders.test.${ending}`]: `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeBottle } from 'bottle-sdk/testing';
import { packOrder, placeOrder } from './orders.${ending}';

const order = { id: '1', items: ['lamp', 'bulb'] };

test('an order that is placed is published', async () => {
  await using fake = createFakeBottle();
  const context = fake.httpContext({ method: 'POST', body: order });
  assert.deepEqual(await fake.run(() => placeOrder(context, order)), { accepted: '1' });
  assert.equal(context.response.status, 202);
  assert.equal(fake.published('orders', 'orders').length, 1);
});

test('an order is packed once, however often its message comes', async () => {
  await using fake = createFakeBottle();
  for (const attempt of [1, 2])
    await fake.run(() => packOrder(fake.context(), fake.message${type('<typeof order | null>')}(order, { attempt })));
  assert.deepEqual(await fake.bottle.cache('parcels').get('1'), { items: 2 });
});

test('a message without an order is not tried again', async () => {
  await using fake = createFakeBottle();
  const packed = fake.run(() => packOrder(fake.context(), fake.message(null)));
  await assert.rejects(packed, { reason: 'drop-message' });
});
`,
  }),
  tryIt: () => `    curl localhost:8080/orders -H 'content-type: application/json' -d '{"id":"1","items":["lamp"]}'
    curl localhost:8080/parcels/1
    npx bottle dlq list    # messages that could not be handled
`,
};
