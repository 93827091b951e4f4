import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isPodOf, podOwnerAt } from './pod-owner.ts';

let directory: string;
let shop: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'bottle-owner-'));
  shop = join(directory, 'shop');
  mkdirSync(shop);
  writeFileSync(join(shop, 'serverless.yml'), 'service: "shop" # ours\n');
  symlinkSync(shop, join(directory, 'link'));
});
afterAll(() => rmSync(directory, { recursive: true }));

it('compares directories where the pod says its own, and services where it does not', () => {
  const link = join(directory, 'link');
  expect(isPodOf({ service: 'other', directory: link }, shop)).toBe(true);
  expect(isPodOf({ service: 'shop', directory }, shop)).toBe(false);
  expect(isPodOf({ service: 'shop', directory: '/gone' }, shop)).toBe(false);
  expect(isPodOf({ service: 'shop' }, shop)).toBe(true);
  expect(isPodOf({ service: 'sho.' }, shop)).toBe(false);
  expect(isPodOf({ service: null }, shop)).toBe(false);
  expect(isPodOf({ service: 'any' }, directory)).toBe(true); // no project
});

it.each([
  [200, '{"service":"shop","directory":"/x"}', { service: 'shop', directory: '/x' }],
  [200, '{"service":null}', { service: null }],
  [401, 'no', { service: 'a pod that wants BOTTLE_ADMIN_TOKEN' }],
  [200, '<html>', undefined],
  [200, '[]', undefined],
  [200, 'null', undefined],
])('asks whose pod it is: %i %s', async (status, body, owner) => {
  const asked: unknown[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url, request.headers.authorization);
    response.writeHead(status).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await podOwnerAt(port, { authorization: 'Bearer t' })).toEqual(owner);
  expect(asked).toEqual(['/functions', 'Bearer t']);
  server.closeAllConnections();
  await once(server.close(), 'close');
  expect(await podOwnerAt(port, {})).toBeUndefined();
});
