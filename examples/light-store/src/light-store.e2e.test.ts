import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cartWith, eventsOf, restock, sendJson } from './customer.ts';
import { openMobileApp } from './mobile-app.ts';
import { type Pod, startPod } from './start-pod.ts';
import { sampleForm } from './store/sample-items.ts';

interface Product {
  id: string;
  price: number;
  stock: number;
}

let dataDir: string;
let pod: Pod;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'light-store-e2e-'));
  pod = await startPod({ env: { LIGHT_STORE_DATA_DIR: dataDir, BOTTLE_DATA_DIR: join(dataDir, 'bottle') } });
});

afterAll(async () => {
  await pod.stop();
  await rm(dataDir, { recursive: true });
});

function request(path: string, init: RequestInit & { duplex?: 'half' } = {}): Promise<Response> {
  return fetch(pod.url + path, { signal: AbortSignal.timeout(20_000), ...init });
}

async function json<Body>(path: string): Promise<Body> {
  return (await (await request(path)).json()) as Body;
}

function send(method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return sendJson(pod.url + path, { method, body, headers });
}

/** "404 no-item": status and reason of a problem document; anything else fails. */
async function refusalOf(response: Response): Promise<string> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const { status, reason } = (await response.json()) as { status: number; reason: string };
  expect(status).toBe(response.status);
  return `${status} ${reason}`;
}

describe('catalogue', () => {
  test('lists a page, filtered and sorted, with a link to the next one', async () => {
    const response = await request('/items?category=bulbs&sort=-price&pageSize=2');
    expect(response.headers.get('link')).toBe('</items?category=bulbs&sort=-price&pageSize=2&page=2>; rel="next"');
    const page = (await response.json()) as { items: Product[] };
    expect(page).toMatchObject({ currency: 'EUR', page: 1, pageSize: 2, pages: 4, total: 7 });
    expect(page.items.map(({ id }) => id)).toEqual(['tube-t8-120', 'daylight-bulb-e27']);
  });

  test('refuses a query with all its mistakes', async () => {
    expect(await refusalOf(await request('/items?sort=size&page=0'))).toBe('400 invalid-query');
  });

  test('shows an item, and says which one there is not', async () => {
    expect(await json('/items/uplighter')).toMatchObject({
      id: 'uplighter',
      name: 'Uplighter',
      category: 'floor-lamps',
    });
    expect(await refusalOf(await request('/items/sofa'))).toBe('404 no-item');
    expect(await refusalOf(await request('/items/..%2F..%2Fetc%2Fpasswd/image'))).toBe('404 no-item');
  });

  test('has no prices in another currency where nobody configured the upstream for rates, and says so', async () => {
    const item = await json('/items/uplighter?currency=USD');
    expect(item).toMatchObject({
      currency: 'EUR',
      note: 'prices in USD need the http resource "rates" in sidecar.yml',
    });
    expect(await refusalOf(await request('/items/uplighter?currency=dollars'))).toBe('400 invalid-query');
  });

  test('finds what has all the words', async () => {
    const found = await json<{ total: number; hits: { item: Product }[] }>('/search?q=brass+lamp');
    expect(found.total).toBe(1);
    expect(found.hits[0]?.item.id).toBe('brass-reading-lamp');
    expect(await refusalOf(await request('/search'))).toBe('400 invalid-query');
  });

  test('answers that it is well', async () => {
    expect(await json('/health')).toMatchObject({ status: 'ok', items: 41 });
  });
});

describe('cart and checkout', () => {
  async function showCart(cookie: string): Promise<{ items: { id: string; quantity: number }[]; total: number }> {
    const response = await request('/cart', { headers: { cookie } });
    return (await response.json()) as { items: { id: string; quantity: number }[]; total: number };
  }

  test('a cookie carries the cart; items are put, counted and taken out', async () => {
    expect(await showCart('')).toMatchObject({ items: [], total: 0 });
    const cookie = await cartWith(pod, { uplighter: 1, 'clamp-lamp': 2 });
    expect(cookie).toMatch(/^cart=[0-9a-f-]{36}$/);
    await (await send('PUT', '/cart/items/uplighter', { quantity: 3 }, { cookie })).arrayBuffer();
    const removed = await request('/cart/items/clamp-lamp', { method: 'DELETE', headers: { cookie } });
    expect(removed.status).toBe(200);
    expect((await showCart(cookie)).items).toMatchObject([{ id: 'uplighter', quantity: 3 }]);
    expect((await showCart('cart=of-somebody-else')).items).toEqual([]);
  });

  test('refuses quantities that make no sense, more than there is, and bodies that are no JSON', async () => {
    expect(await refusalOf(await send('PUT', '/cart/items/uplighter', { quantity: 0 }))).toBe('400 invalid-quantity');
    expect(await refusalOf(await send('PUT', '/cart/items/mushroom-lamp', { quantity: 1 }))).toBe('409 out-of-stock');
    const broken = { method: 'PUT', body: '{"quantity"', headers: { 'content-type': 'application/json' } };
    expect(await refusalOf(await request('/cart/items/uplighter', broken))).toBe('400 invalid-json');
  });

  test('an order takes from the stock once, however often it is sent', async () => {
    const before = await json<Product>('/items/arc-floor-lamp');
    const cookie = await cartWith(pod, { 'arc-floor-lamp': 2 });
    const { total: expectedTotal } = await showCart(cookie);
    const order = { ...sampleForm(), expectedTotal };
    const headers = { cookie, 'idempotency-key': randomBytes(8).toString('hex') };
    const answers = await Promise.all([1, 2, 3].map(() => send('POST', '/checkout', order, headers)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    const placed = answers.filter((answer) => !answer.headers.has('idempotency-replayed'));
    expect(placed).toHaveLength(1);
    const orders = (await Promise.all(answers.map((answer) => answer.json()))) as { id: string; shipping: number }[];
    expect(new Set(orders.map(({ id }) => id)).size).toBe(1);
    expect(orders[0]).toMatchObject({ subtotal: expectedTotal, shipping: 0, total: expectedTotal });
    expect((await json<Product>('/items/arc-floor-lamp')).stock).toBe(before.stock - 2);
    expect((await showCart(cookie)).items).toEqual([]);

    const other = { ...order, payment: 'cash-on-delivery' };
    expect(await refusalOf(await send('POST', '/checkout', other, headers))).toBe('422 idempotency-key-reused');
  });

  test('shipping is what the function for it says', async () => {
    const cookie = await cartWith(pod, { 'led-bulb-e27-warm': 1 });
    const form = { ...sampleForm(), address: { ...sampleForm().address, country: 'FR' } };
    const response = await send('POST', '/checkout', form, { cookie, 'idempotency-key': 'to-france' });
    const order = (await response.json()) as { subtotal: number; shipping: number; total: number };
    expect(order.shipping).toBe(990);
    expect(order.total).toBe(order.subtotal + 990);
  });

  test('two attempts at one cart at the same time make one order', async () => {
    const cookie = await cartWith(pod, { 'clamp-lamp': 1 });
    const attempts = ['one', 'two'].map((key) =>
      send('POST', '/checkout', sampleForm(), { cookie, 'idempotency-key': key }),
    );
    const [placed, refused] = (await Promise.all(attempts)).toSorted((a, b) => a.status - b.status);
    expect(placed?.status).toBe(201);
    expect(refused && (await refusalOf(refused))).toBe('409 empty-cart');
  });

  test('refuses an order without key, without cart, with mistakes, or at another price', async () => {
    const cookie = await cartWith(pod, { 'clamp-lamp': 1 });
    const attempt = async (form: object, headers: Record<string, string>): Promise<string> =>
      refusalOf(await send('POST', '/checkout', form, headers));
    expect(await attempt(sampleForm(), { cookie })).toBe('400 idempotency-key-missing');
    expect(await attempt(sampleForm(), { 'idempotency-key': 'one' })).toBe('400 idempotency-key-missing');
    const empty = { cookie: 'cart=none', 'idempotency-key': 'one' };
    expect(await attempt(sampleForm(), empty)).toBe('409 empty-cart');
    expect(await attempt({ ...sampleForm(), email: '' }, { cookie, 'idempotency-key': 'two' })).toBe(
      '400 invalid-order',
    );
    const cheap = { ...sampleForm(), expectedTotal: 1 };
    expect(await attempt(cheap, { cookie, 'idempotency-key': 'three' })).toBe('409 price-changed');
  });
});

describe('the payment provider', () => {
  const tell = (event: object) =>
    request('/webhooks/payments', {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify({ specversion: '1.0', id: randomBytes(8).toString('hex'), source: '/payments', ...event }),
    });

  test('says by a CloudEvent that an order is paid; twice is once', async () => {
    const cookie = await cartWith(pod, { 'clamp-lamp': 1 });
    const headers = { cookie, 'idempotency-key': randomBytes(8).toString('hex') };
    const order = (await (await send('POST', '/checkout', sampleForm(), headers)).json()) as {
      id: string;
      total: number;
    };
    const event = {
      type: 'com.example.payment.succeeded',
      subject: order.id,
      time: '2026-01-02T03:04:05Z',
      data: { amount: order.total, currency: 'EUR' },
    };
    const answers = [await tell(event), await tell({ ...event, time: '2026-01-03T00:00:00Z' })];
    for (const answer of answers) {
      expect(answer.headers.get('content-type')).toBe('application/cloudevents+json; charset=utf-8');
      expect(await answer.json()).toMatchObject({
        type: 'com.example.order.paid',
        subject: order.id,
        data: { orderId: order.id, paidAt: '2026-01-02T03:04:05.000Z' },
      });
    }
    expect(await refusalOf(await tell({ ...event, data: { amount: 1, currency: 'EUR' } }))).toBe('422 wrong-amount');
    expect(await refusalOf(await tell({ ...event, subject: 'nothing' }))).toBe('404 no-order');
    expect(await refusalOf(await tell({ ...event, type: 'com.example.payment.failed' }))).toBe('404 no-event-function');
    expect(await refusalOf(await tell({ ...event, id: '' }))).toBe('400 invalid-cloudevent');
  });
});

test('an order reaches the warehouse by its message', async () => {
  const cookie = await cartWith(pod, { 'clamp-lamp': 2 });
  const headers = { cookie, 'idempotency-key': randomBytes(8).toString('hex') };
  const { id } = (await (await send('POST', '/checkout', sampleForm(), headers)).json()) as { id: string };
  await expect(pod.logged('order goes to the warehouse', id)).resolves.toBeUndefined();
});

describe('the mobile app', () => {
  test('fills a cart by the signed gateway; nobody else gets in', async () => {
    const app = openMobileApp(pod);
    expect(await app.addToCart('uplighter')).toMatchObject({ items: [{ id: 'uplighter', quantity: 1 }] });
    expect(await app.addToCart('uplighter', 2)).toMatchObject({ items: [{ id: 'uplighter', quantity: 3 }] });
    await expect(app.addToCart('sofa')).rejects.toMatchObject({ code: 'no-item', status: 404 });
    const stranger = openMobileApp(pod, 'a secret of somebody else');
    await expect(stranger.addToCart('uplighter')).rejects.toMatchObject({ code: 'wrong-signature', status: 401 });
  });
});

describe('feed', () => {
  test('says hello, moves prices, and ends after as many changes as were asked for', async () => {
    const response = await request('/feed?limit=2');
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const events: { event: string; data: unknown }[] = [];
    for await (const event of eventsOf(response)) events.push(event);
    expect(events.map(({ event }) => event)).toEqual(['hello', 'price', 'price']);
    expect(events[0]?.data).toEqual({ items: 41 });
  });

  test('shows a delivery to whoever watches, and forgets a watcher who leaves', async () => {
    const controller = new AbortController();
    const events = eventsOf(await request('/feed', { signal: controller.signal }));
    expect((await events.next()).value).toMatchObject({ event: 'hello' });
    await expect.poll(() => json('/health')).toMatchObject({ watching: 1 });

    const delivered = await restock(pod, { id: 'daylight-bulb-e27', quantity: 20 });
    expect(await delivered.json()).toEqual({ id: 'daylight-bulb-e27', stock: 20 });
    let change = await events.next();
    while (!change.done && change.value.event !== 'stock') change = await events.next();
    expect(change.value).toEqual({ event: 'stock', data: { id: 'daylight-bulb-e27', stock: 20 } });

    controller.abort();
    await expect.poll(() => json('/health'), { timeout: 5_000 }).toMatchObject({ watching: 0 });
  });

  test('a delivery of nothing is refused', async () => {
    expect(await refusalOf(await restock(pod, { id: 'uplighter', quantity: 0 }))).toBe('400 invalid-delivery');
    expect(await refusalOf(await restock(pod, { id: 'sofa', quantity: 1 }))).toBe('404 no-item');
  });
});

describe('pictures', () => {
  const PNG_HEAD = Buffer.from('\u0089PNG\r\n\u001a\n', 'latin1');
  const LIMIT = 5 * 1024 * 1024;
  const path = '/items/copper-pendant/image';

  function put(body: NonNullable<RequestInit['body']>, type = 'image/png'): Promise<Response> {
    return request(path, { method: 'PUT', body, headers: { 'content-type': type }, duplex: 'half' });
  }

  function pictureOf(bytes: number): Buffer<ArrayBuffer> {
    return Buffer.concat([PNG_HEAD, randomBytes(bytes - PNG_HEAD.length)]);
  }

  const digest = (bytes: ArrayBuffer | Buffer) =>
    createHash('sha256')
      .update(Buffer.from(bytes as Buffer))
      .digest('hex');

  test('there is none before there is one', async () => {
    expect(await refusalOf(await request(path))).toBe('404 no-image');
  });

  test('comes back byte for byte: the one that ships, and one of the largest size allowed', async () => {
    const shipped = await readFile(new URL('../data/brass-reading-lamp.png', import.meta.url));
    for (const picture of [shipped, pictureOf(LIMIT)]) {
      const stored = await put(picture);
      expect(stored.status).toBe(201);
      expect(stored.headers.get('location')).toBe(path);
      expect(await stored.json()).toEqual({ id: 'copper-pendant', type: 'image/png', bytes: picture.length });
      const response = await request(path);
      expect(response.headers.get('content-type')).toBe('image/png');
      expect(response.headers.get('content-length')).toBe(String(picture.length));
      expect(digest(await response.arrayBuffer())).toBe(digest(picture));
    }
  });

  test('a client that has it gets 304, until it is another one; HEAD brings no bytes', async () => {
    await put(pictureOf(1_000));
    const head = await request(path, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe('1000');
    const etag = head.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]+"$/);
    const again = await request(path, { headers: { 'if-none-match': `"other", W/${etag}` } });
    expect([again.status, await again.text()]).toEqual([304, '']);
    await put(pictureOf(1_000));
    const changed = await request(path, { headers: { 'if-none-match': etag } });
    expect([changed.status, (await changed.arrayBuffer()).byteLength]).toEqual([200, 1_000]);
  });

  test('refuses what is too large, declared or not, and what is no picture; the old one stays', async () => {
    const picture = pictureOf(2_000);
    await put(picture);
    expect(await refusalOf(await put(pictureOf(LIMIT + 1)))).toBe('413 image-too-large');
    const undeclared = new Blob([pictureOf(LIMIT + 1)]).stream();
    expect(await refusalOf(await put(undeclared))).toBe('413 image-too-large');
    expect(await refusalOf(await put('<svg/>', 'image/svg+xml'))).toBe('415 no-image-type');
    expect(await refusalOf(await put('<script>alert(1)</script>'))).toBe('415 not-that-image');
    expect(await refusalOf(await put(''))).toBe('415 not-that-image');
    expect(digest(await (await request(path)).arrayBuffer())).toBe(digest(picture));
    expect(await readdir(join(dataDir, 'images'))).toEqual(['copper-pendant']);
  });
});

test('what no function answers is told apart: unknown paths, wrong methods', async () => {
  expect(await refusalOf(await request('/nothing'))).toBe('404 no-route');
  const response = await request('/checkout');
  expect(response.headers.get('allow')).toBe('OPTIONS, POST');
  expect(await refusalOf(response)).toBe('405 method-not-allowed');
});

test('stops when it is asked to, and says that all is well', async () => {
  expect(await pod.stop()).toBe(0);
});
