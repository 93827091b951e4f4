// The stock service as another team would call it: with the .proto file and @grpc/grpc-js, nothing of the platform.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Client, credentials, loadPackageDefinition, type ServiceError, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { restock } from './customer.ts';
import { type Pod, startPod } from './start-pod.ts';

interface StockLevel {
  id: string;
  stock: number;
}
type Answer = (error: ServiceError | null, level: StockLevel) => void;
interface StockClient extends Client {
  get(request: object, answer: Answer): unknown;
  reserve(request: object, answer: Answer): unknown;
  watch(
    request: object,
  ): AsyncIterable<StockLevel> & { cancel(): void; on(event: 'error', listener: () => void): void };
}

const PROTO = fileURLToPath(new URL('../protos/stock.proto', import.meta.url));
let dataDir: string;
let pod: Pod;
let stock: StockClient;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'light-store-rpc-'));
  pod = await startPod({ env: { LIGHT_STORE_DATA_DIR: dataDir, BOTTLE_DATA_DIR: join(dataDir, 'bottle') } });
  const { rpcPort } = (await (await fetch(`${pod.adminUrl}/functions`)).json()) as { rpcPort: number };
  const { lightstore } = loadPackageDefinition(loadSync(PROTO, { defaults: true })) as unknown as {
    lightstore: { v1: { Stock: new (...args: ConstructorParameters<typeof Client>) => StockClient } };
  };
  stock = new lightstore.v1.Stock(`127.0.0.1:${rpcPort}`, credentials.createInsecure());
});
afterAll(async () => {
  stock.close();
  await pod.stop();
  await rm(dataDir, { recursive: true });
});

const call = (method: 'get' | 'reserve', request: object): Promise<StockLevel> =>
  new Promise((resolve, reject) => {
    stock[method](request, (error, level) => (error ? reject(error) : resolve(level)));
  });

test('reservations are taken from the stock that the shop sells', async () => {
  const before = await call('get', { id: 'uplighter' });
  const after = await call('reserve', { id: 'uplighter', quantity: 1 });
  expect(after.stock).toBe(before.stock - 1);
  const item = (await (await fetch(`${pod.url}/items/uplighter`)).json()) as StockLevel;
  expect(item.stock).toBe(after.stock);
});

test('what cannot be done has its code', async () => {
  await expect(call('get', { id: 'sofa' })).rejects.toMatchObject({ code: status.NOT_FOUND });
  await expect(call('reserve', { id: 'uplighter' })).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  await expect(call('reserve', { id: 'uplighter', quantity: 100_000 })).rejects.toMatchObject({
    code: status.FAILED_PRECONDITION,
    details: expect.stringContaining('not enough in stock') as unknown,
  });
});

test('a watcher sees what other clients change', async () => {
  const watching = stock.watch({ ids: ['mushroom-lamp'] });
  watching.on('error', () => {});
  const levels = watching[Symbol.asyncIterator]();
  const first = (await levels.next()).value as StockLevel;
  await restock(pod, { id: 'mushroom-lamp', quantity: 4 });
  expect((await levels.next()).value).toEqual({ id: 'mushroom-lamp', stock: first.stock + 4 });
  await call('reserve', { id: 'mushroom-lamp', quantity: 1 });
  expect((await levels.next()).value).toEqual({ id: 'mushroom-lamp', stock: first.stock + 3 });
  watching.cancel();
});
