import { ServerCredentials } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { waitFor } from '../harness/pod.ts';
import { certificates } from './certificates.ts';
import { describeGrpcContract, type StockClient } from './grpc-contract.ts';
import { STOCK_PROTO, startStock } from './grpc-server.ts';
import { openSidecar, type SidecarTarget } from './target.ts';

const source = { file: STOCK_PROTO, service: 'shop.Stock' };
const grpc = (settings: object): object => ({ rpc: { contract: { driver: 'grpc', ...settings } } });
const stockOf = ({ bottle }: SidecarTarget) => bottle.rpc.proto<StockClient>('contract', source);

describeGrpcContract('a sidecar', ({ address }) =>
  openSidecar(grpc({ addresses: [address], metadata: { authorization: 'Bearer operator' } })),
);

describe('a gRPC service', () => {
  it('is balanced over all its addresses, and goes on with the others when one dies', async () => {
    const [one, two] = await Promise.all([startStock(), startStock()]);
    const target = await openSidecar(grpc({ addresses: [one.address, two.address] }));
    const stock = stockOf(target);
    await target.pod.admin('/resources');
    await waitFor(async () => {
      await stock.reserve({});
      return one.received.length > 0 && two.received.length > 0;
    }, 5_000);
    const before = [one.received.length, two.received.length] as const;
    for (let at = 0; at < 100; at++) await stock.reserve({});
    expect(one.received.length - before[0]).toBe(50);
    expect(two.received.length - before[1]).toBe(50);
    one.close();
    await waitFor(
      () =>
        stock
          .reserve({})
          .then(() => stock.reserve({}))
          .then(() => true),
      5_000,
    );
    for (let at = 0; at < 100; at++) await stock.reserve({});
    const back = await startStock({ port: one.port });
    await waitFor(async () => {
      await stock.reserve({});
      return back.received.length > 0;
    }, 10_000);
    back.close();
    two.close();
    await target.close();
  });
  it('says in /readyz why it cannot be reached, and is found again by itself', async () => {
    const server = await startStock();
    const target = await openSidecar(grpc({ addresses: [server.address] }));
    const stock = stockOf(target);
    const missing = async (): Promise<string> => (await target.pod.admin('/readyz')).text();
    expect(await stock.reserve({ name: 'x' })).toMatchObject({ name: 'x' });
    expect(await missing()).not.toContain('rpc.contract');
    server.close();
    await waitFor(async () => (await missing()).includes('rpc.contract is not available'), 5_000);
    await expect(stock.reserve({})).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      reason: 'resource-unavailable',
      details: { started: false, retryable: true },
    });
    const again = await startStock({ port: server.port });
    await waitFor(async () => !(await missing()).includes('rpc.contract'), 10_000);
    await waitFor(() => stock.reserve({ name: 'y' }).then(({ name }) => name === 'y'), 5_000);
    again.close();
    await target.close();
  });
  it('fails the call that was under way when its server dies, once', async () => {
    const server = await startStock();
    const target = await openSidecar(grpc({ addresses: [server.address] }));
    const failure = stockOf(target)
      .reserve({ name: 'hang' })
      .catch((error: unknown) => error);
    await waitFor(() => server.received.length === 1, 5_000);
    server.close();
    expect(await failure).toMatchObject({ reason: 'outcome-unknown', outcome: 'unknown', details: { started: true } });
    expect(server.received.length).toBe(1);
    await target.close();
  });
  it('is repeated when it is idempotent, and only then', async () => {
    const server = await startStock();
    const target = await openSidecar(
      grpc({ addresses: [server.address], policy: { retry: { attempts: 2, baseMs: 5 } } }),
    );
    await expect(stockOf(target).reserve({ name: 'fail 14' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(server.received.length).toBe(1);
    await expect(stockOf(target).reserve({ name: 'fail 14' }, { idempotent: true })).rejects.toBeDefined();
    expect(server.received.length).toBe(4);
    server.close();
    await target.close();
  });
  it('is given up after the policy’s time when nobody else set one', async () => {
    const server = await startStock();
    const target = await openSidecar(grpc({ addresses: [server.address], policy: { timeoutMs: 300 } }));
    await expect(stockOf(target).reserve({ name: 'hang' })).rejects.toMatchObject({ reason: 'resource-timeout' });
    await waitFor(() => server.cancelled === 1, 5_000);
    // A stream may last: its first message comes after that time.
    const silent = stockOf(target).upload(slowly(600), { metadata: { 'x-silent': 'yes' } });
    expect((await silent).name).toBe('late');
    server.close();
    await target.close();
  });
  it('is found by a name, whose every address counts', async () => {
    const server = await startStock();
    const target = await openSidecar(grpc({ dns: `localhost:${server.port}` }));
    expect(await stockOf(target).reserve({ name: 'x' })).toMatchObject({ name: 'x' });
    server.close();
    await target.close();
  });
  it('is reached over TLS, with a certificate of one’s own where it asks for one', async () => {
    const { ca, cert, key, remove } = certificates();
    const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) };
    const server = await startStock({ credentials: ServerCredentials.createSsl(Buffer.from(ca), [pair], true) });
    const addresses = [server.address];
    const target = await openSidecar({
      rpc: {
        contract: { driver: 'grpc', addresses, tls: { ca, cert, key, serverName: 'localhost' } },
        stranger: {
          driver: 'grpc',
          addresses,
          tls: { ca, serverName: 'localhost' },
          policy: { retry: { attempts: 0 } },
        },
        misnamed: {
          driver: 'grpc',
          addresses,
          tls: { ca, cert, key, serverName: 'other' },
          policy: { retry: { attempts: 0 } },
        },
      },
    });
    expect(await stockOf(target).reserve({ name: 'x' })).toMatchObject({ name: 'x' });
    for (const resource of ['stranger', 'misnamed']) {
      const failed = target.bottle.rpc.proto<StockClient>(resource, source).reserve({});
      await expect(failed).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    }
    server.close();
    remove();
    await target.close();
  });
});

async function* slowly(ms: number): AsyncGenerator<{ name: string }> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  yield { name: 'late' };
}
