import { SERVERLESS_SCHEMA, SIDECAR_SCHEMA, type Template } from './template.ts';

const EXAMPLE =
  `curl localhost:8080/events -H 'content-type: application/json' -H 'ce-specversion: 1.0' -H 'ce-id: 1' ` +
  `-H 'ce-source: /shop' -H 'ce-type: com.example.order.paid' -H 'ce-subject: 42' -d '{"amount":790}'`;

/** A receiver of CloudEvents. */
export const cloudevents: Template = {
  summary: 'a receiver of CloudEvents, such as a webhook',
  files: ({ name, ending, type }) => ({
    'serverless.yml': `${SERVERLESS_SCHEMA}service: ${name}

provider:
  timeout: 10 # seconds

functions:
  # Senders tell at least once, and again after 503. Events of other types get 404.
  orderPaid:
    handler: src/events.orderPaid
    uses: [cache.payments]
    events:
      - cloudevents: { path: /events, type: com.example.order.paid }
  showPayment:
    handler: src/events.showPayment
    uses: [cache.payments:read]
    events:
      - http: { path: /payments/:order, method: get }

custom:
  examples:
    - >-
      ${EXAMPLE}
    - curl localhost:8080/payments/42
`,
    'sidecar.yml': `${SIDECAR_SCHEMA}# What the operator says. A resource that functions use has its line here; without any, embedded drivers serve every name.
resources:
  cache:
    payments: { driver: memory } # or { driver: redis, url: … }
`,
    [`src/events.${ending}`]: `import { BottleError, bottle, Code, defineFunction } from 'bottle-sdk';

/** The answer is an event, too. One that is told twice is the same payment. */
export const orderPaid = defineFunction.cloudEvent${type('<{ amount: number }>')}(async (ctx, event) => {
  if (!event.subject) throw new BottleError(Code.INVALID_ARGUMENT, 'no-order', 'the subject is the order');
  await bottle.cache('payments').set(event.subject, { amount: event.data?.amount, eventId: event.id });
  ctx.logger.info({ order: event.subject, eventId: event.id }, 'paid');
  return {
    specversion: '1.0',
    type: 'com.example.order.ready',
    source: '/${name}',
    subject: event.subject,
  };
});

export const showPayment = defineFunction.http(async (ctx) => {
  const payment = await bottle.cache('payments').get(ctx.params.order ?? '');
  if (payment === undefined) throw new BottleError(Code.NOT_FOUND, 'no-payment', 'that order is not paid');
  return payment;
});
`,
    [`src/events.test.${ending}`]: `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeBottle } from 'bottle-sdk/testing';
import { orderPaid } from './events.${ending}';

test('a payment is kept, and answered with an event', async () => {
  await using fake = createFakeBottle();
  const event = fake.cloudEvent({ amount: 790 }, { id: 'e1', subject: '42', type: 'com.example.order.paid' });
  const answer = await fake.run(() => orderPaid(fake.context(), event));
  assert.partialDeepStrictEqual(answer, { type: 'com.example.order.ready', subject: '42' });
  assert.deepEqual(await fake.bottle.cache('payments').get('42'), { amount: 790, eventId: 'e1' });
});

test('an event about no order is refused', async () => {
  await using fake = createFakeBottle();
  const refused = fake.run(() => orderPaid(fake.context(), fake.cloudEvent({ amount: 790 })));
  await assert.rejects(refused, { reason: 'no-order' });
});
`,
  }),
  tryIt: () => `    ${EXAMPLE}
    curl localhost:8080/payments/42
`,
};
