// The shop on Redis, MySQL and Kafka: two pods that know nothing of each other but sidecar.real.yml.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerAddresses } from '@bottle/test-servers';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { cartWith, eventsOf, restock, sendJson } from './customer.ts';
import { type Pod, startPod } from './start-pod.ts';
import type { Order } from './store/orders.ts';
import { sampleForm } from './store/sample-items.ts';

const redisUrl: ServerAddresses['redisUrl'] = inject('redisUrl');
const mysqlUrl: ServerAddresses['mysqlUrl'] = inject('mysqlUrl');
const kafkaBrokers: ServerAddresses['kafkaBrokers'] = inject('kafkaBrokers');
const FRANCE = { ...sampleForm(), address: { ...sampleForm().address, country: 'FR' } };

describe.skipIf(redisUrl === undefined || mysqlUrl === undefined || kafkaBrokers === undefined)('two pods', () => {
  const database = `light_store_${randomUUID().slice(0, 8)}`;
  const rates = createServer((_request, response) => response.end('{"rates":{"USD":1.25}}'));
  const redis = new Redis(redisUrl ?? '', { lazyConnect: true, keyPrefix: 'light-store:' });
  let dataDir: string;
  let mysql: Connection;
  let left: Pod;
  let right: Pod;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'light-store-real-'));
    mysql = await createConnection({ uri: mysqlUrl ?? '', multipleStatements: true });
    await mysql.query(`create database ${database}; use ${database}`);
    await redis.connect();
    await redis.del('{switches.promotions}:values');
    await once(rates.listen(0, '127.0.0.1'), 'listening');
    const shopUrl = new URL(mysqlUrl ?? '');
    shopUrl.pathname = `/${database}`;
    const env = {
      LIGHT_STORE_DATA_DIR: dataDir,
      BOTTLE_DATA_DIR: dataDir,
      REDIS_URL: redisUrl ?? '',
      MYSQL_URL: shopUrl.href,
      KAFKA_BROKER: kafkaBrokers?.split(',')[0] ?? '',
      RATES_URL: `http://127.0.0.1:${(rates.address() as AddressInfo).port}`,
    };
    // At the same time, on an empty database.
    [left, right] = await Promise.all([
      startPod({ env, config: 'sidecar.real.yml' }),
      startPod({ env, config: 'sidecar.real.yml' }),
    ]);
  });

  afterAll(async () => {
    await Promise.all([left.stop(), right.stop()]);
    await mysql.query(`drop database ${database}`);
    await mysql.end();
    await redis.quit();
    rates.close();
    await rm(dataDir, { recursive: true });
  });

  async function rowsOf(statement: string, ...values: string[]): Promise<RowDataPacket[]> {
    return (await mysql.execute<RowDataPacket[]>(statement, values))[0];
  }

  async function json<Body>(url: string): Promise<Body> {
    return (await (await fetch(url, { signal: AbortSignal.timeout(20_000) })).json()) as Body;
  }

  async function checkOut(pod: Pod, cookie: string, form: object = sampleForm()): Promise<Response> {
    const headers = { cookie, 'idempotency-key': randomUUID() };
    return await sendJson(`${pod.url}/checkout`, { method: 'POST', body: form, headers });
  }

  async function buy(pod: Pod, item: string, form?: object): Promise<Order> {
    return (await (await checkOut(pod, await cartWith(pod, { [item]: 1 }), form)).json()) as Order;
  }

  /** The message with this key, read from the brokers. */
  async function messageOf(key: string): Promise<unknown> {
    const kafka = new Kafka({ brokers: kafkaBrokers?.split(',') ?? [], logLevel: logLevel.NOTHING });
    const consumer = kafka.consumer({ groupId: randomUUID() });
    const found = Promise.withResolvers<unknown>();
    await consumer.connect();
    await consumer.subscribe({ topic: 'light-store.orders', fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        if (message.key?.toString() === key) found.resolve(JSON.parse(message.value?.toString() ?? 'null'));
      },
    });
    const message = await found.promise;
    await consumer.disconnect();
    return message;
  }

  test('the catalogue is in MySQL, put there once', async () => {
    const { resources } = await json<{ resources: { id: string; driver: string }[] }>(`${left.adminUrl}/resources`);
    const drivers = new Map(resources.map(({ id, driver }) => [id, driver]));
    expect([drivers.get('db.shop'), drivers.get('cache.carts'), drivers.get('mq.orders')]).toEqual([
      'mysql',
      'redis',
      'kafka',
    ]);
    expect(await rowsOf('select count(*) as count from items')).toMatchObject([{ count: 41 }]);
    const item = await json(`${right.url}/items/uplighter`);
    const [row] = await rowsOf('select id, name, price, stock, rating from items where id = ?', 'uplighter');
    expect(item).toMatchObject({ ...row, tags: ['dimmable', 'led', 'living-room'] });
  });

  test('what one pod changes the other one shows within a second, and its feed tells of it', async () => {
    const stockOf = async ({ url }: Pod) => (await json<{ stock: number }>(`${url}/items/daylight-bulb-e27`)).stock;
    const before = await stockOf(right);
    const watching = new AbortController();
    const events = eventsOf(await fetch(`${right.url}/feed`, { signal: watching.signal }));
    expect((await events.next()).value).toMatchObject({ event: 'hello' });
    await restock(left, { id: 'daylight-bulb-e27', quantity: 5 });
    await expect.poll(() => stockOf(right), { timeout: 1_000 }).toBe(before + 5);
    for await (const { event, data } of events) {
      if (event !== 'stock') continue;
      expect(data).toEqual({ id: 'daylight-bulb-e27', stock: before + 5 });
      break;
    }
    watching.abort();
  });

  test('an order goes through Kafka to the warehouse, by one of the pods', async () => {
    const { id } = await buy(left, 'clamp-lamp');
    await Promise.any([left, right].map((pod) => pod.logged('order goes to the warehouse', id)));
    expect(await rowsOf('select count(*) as count from picking_slips where order_id = ?', id)).toEqual([{ count: 1 }]);
  });

  test('a cart is a hash in Redis, which both pods see', async () => {
    const cookie = await cartWith(left, { uplighter: 2, 'clamp-lamp': 1 });
    const key = `carts:${cookie.replace('cart=', '')}`;
    expect(await redis.hgetall(key)).toEqual({ uplighter: '2', 'clamp-lamp': '1' });
    expect(await redis.ttl(key)).toBeGreaterThan(6 * 24 * 3_600);
    const seen = await fetch(`${right.url}/cart`, { headers: { cookie } });
    expect(await seen.json()).toMatchObject({ items: [{ id: 'uplighter', quantity: 2 }, { id: 'clamp-lamp' }] });
  });

  test('an order is in MySQL with its lines, its message in Kafka, and nothing stays in the outbox', async () => {
    const order = await buy(left, 'arc-floor-lamp');
    expect(await rowsOf('select subtotal, shipping, customer from orders where id = ?', order.id)).toMatchObject([
      { subtotal: order.subtotal, shipping: order.shipping },
    ]);
    expect(await rowsOf('select item_id, quantity from order_lines where order_id = ?', order.id)).toMatchObject([
      { item_id: 'arc-floor-lamp', quantity: 1 },
    ]);
    expect(await rowsOf('select * from outbox where order_id = ?', order.id)).toEqual([]);
    expect(await messageOf(order.id)).toEqual(order);
  });

  test('the nightly report of either pod is in MySQL, once for each day', async () => {
    const order = await buy(right, 'led-bulb-e27-warm');
    const day = new Date().toISOString().slice(0, 10);
    for (const { adminUrl } of [left, right]) {
      const fired = await sendJson(`${adminUrl}/timers/nightly-report/fire`, { method: 'POST', body: { day } });
      expect(await fired.json()).toMatchObject({ result: 'ok', manual: true });
    }
    const reports = await rowsOf('select orders, revenue from daily_reports where day = ?', day);
    const [sums] = await rowsOf(
      'select count(*) as orders, sum(subtotal) as revenue from orders where placed_at >= ?',
      day,
    );
    expect(reports).toEqual([{ orders: sums?.['orders'], revenue: Number(sums?.['revenue']) }]);
    expect(Number(sums?.['revenue'])).toBeGreaterThanOrEqual(order.subtotal);
    const { runs } = await json<{ runs: object[] }>(`${left.adminUrl}/timers/nightly-report`);
    expect(runs.length).toBeGreaterThanOrEqual(2); // of both pods
  });

  test('the same key brings the same order from the other pod', async () => {
    const cookie = await cartWith(left, { uplighter: 1 });
    const headers = { cookie, 'idempotency-key': 'Same' };
    const send = async ({ url }: Pod, key: string) =>
      await sendJson(`${url}/checkout`, {
        method: 'POST',
        body: sampleForm(),
        headers: { ...headers, 'idempotency-key': key },
      });
    const [first, second] = [await send(left, 'Same'), await send(right, 'Same')];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(await second.json()).toEqual(await first.json());
    expect((await send(right, 'SAME')).status).toBe(409); // another key, and the cart is empty
  });

  test('two checkouts of one cart at the same time, one in each pod, make one order', async () => {
    for (let round = 0; round < 5; round++) {
      const cookie = await cartWith(left, { 'led-bulb-e27-warm': 1 });
      const [before] = await rowsOf('select count(*) as count from orders');
      const answers = await Promise.all([checkOut(left, cookie), checkOut(right, cookie)]);
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
      const [after] = await rowsOf('select count(*) as count from orders');
      expect(Number(after?.['count']) - Number(before?.['count'])).toBe(1);
    }
  });

  test('the promotion reaches both pods within a second, and ends so', async () => {
    const turn = async (definition: object) => {
      const url = `${left.adminUrl}/config/switches/promotions/free-shipping`;
      expect((await sendJson(url, { method: 'PUT', body: definition })).status).toBe(200);
    };
    const costs = async () =>
      await Promise.all([left, right].map(async (pod) => (await buy(pod, 'led-bulb-e27-warm', FRANCE)).shipping));
    expect(await costs()).toEqual([990, 990]);
    await turn({ on: false, rules: [{ if: { country: ['FR', 'BE'] } }] });
    await expect.poll(costs, { timeout: 1_000 }).toEqual([0, 0]);
    await turn({ on: false });
    await expect.poll(costs, { timeout: 1_000 }).toEqual([990, 990]);
  });

  test('prices in another currency come from the upstream', async () => {
    const { price } = await json<{ price: number }>(`${left.url}/items/clamp-lamp`);
    const converted = { currency: 'USD', rate: 1.25, price: Math.round(price * 1.25) };
    expect(await json(`${left.url}/items/clamp-lamp?currency=USD`)).toMatchObject(converted);
  });
});
