import { setTimeout as delay } from 'node:timers/promises';
import type {
  BidiStreamClient,
  BottleError,
  ClientStreamClient,
  ReceivedMetadata,
  ServerStreamClient,
  UnaryMethodClient,
} from 'bottle-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../harness/pod.ts';
import { type Item, STOCK_DEFINITION, STOCK_PROTO, startStock, type StockServer } from './grpc-server.ts';
import type { ContractTarget } from './target.ts';

const MIB = 1024 * 1024;

/** The client's type, as a function's author writes it. */
export interface StockClient {
  reserve: UnaryMethodClient<Partial<Item>, Item>;
  watch: ServerStreamClient<Partial<Item>, Item>;
  upload: ClientStreamClient<Partial<Item>, Item>;
  chat: BidiStreamClient<Partial<Item>, Item>;
}

/** What a driver for gRPC services does, seen through the SDK; the resource is `contract`. */
export function describeGrpcContract(title: string, open: (server: StockServer) => Promise<ContractTarget>): void {
  describe(`grpc contract: ${title}`, () => {
    let server: StockServer;
    let target: ContractTarget;
    let stock: StockClient;
    beforeAll(async () => {
      server = await startStock();
      target = await open(server);
      stock = target.bottle.rpc.proto<StockClient>('contract', { file: STOCK_PROTO, service: 'shop.Stock' });
    });
    afterAll(async () => {
      await target?.close();
      server?.close();
    });

    describe('unary methods', () => {
      it('carry every kind of field', async () => {
        const item = {
          name: 'lämp 😀',
          count: '9007199254740993',
          data: Buffer.from([0, 1, 255]),
          colour: 'COLOUR_RED',
          tags: ['a', ''],
          facts: { a: 'b' },
        };
        expect(await stock.reserve(item)).toEqual(item);
        expect(await stock.reserve({})).toMatchObject({ name: '', count: '0', tags: [] });
      });
      it('are called through a definition of one’s own, too', async () => {
        const { rpc } = target.bottle;
        const client = rpc.service<typeof STOCK_DEFINITION, StockClient>('contract', STOCK_DEFINITION);
        expect((await client.reserve({ name: 'x' })).name).toBe('x');
        expect((await collect(client.watch({ count: '2' }))).length).toBe(2);
      });
      it('refuse what is no message, and methods that there are not', async () => {
        await expect(stock.reserve({ tags: 5 as unknown as string[] })).rejects.toMatchObject({
          reason: 'bad-message',
        });
        const { unknown } = stock as unknown as { unknown: () => Promise<void> };
        expect(() => unknown()).toThrow('has no method "unknown"');
        const missing = target.bottle.rpc.proto<StockClient>('contract', { file: STOCK_PROTO, service: 'shop.None' });
        expect(() => missing.reserve({})).toThrow('shop.None');
      });
      it('carry messages of 16 MiB both ways', async () => {
        const data = Buffer.alloc(16 * MIB, 'abc');
        expect((await stock.reserve({ data })).data.equals(data)).toBe(true);
      });
    });

    describe('metadata', () => {
      it('travels both ways, text and bytes, with repeats', async () => {
        let initial: ReceivedMetadata = new Map();
        let trailer: ReceivedMetadata = new Map();
        await stock.reserve(
          { name: 'x' },
          {
            metadata: { 'X-Own': ['a', 'b'], 'x-own-bin': Buffer.from([0, 200]) },
            onMetadata: (metadata) => (initial = metadata),
            onTrailer: (metadata) => (trailer = metadata),
          },
        );
        const sent = server.received.at(-1);
        expect(sent?.get('x-own').join()).toMatch(/^a, ?b$/);
        expect(sent?.get('x-own-bin')).toEqual([Buffer.from([0, 200])]);
        expect(initial.get('x-initial')).toEqual(['first']);
        expect(initial.get('x-bytes-bin')).toEqual([Buffer.from([0, 255, 128])]);
        expect(trailer.get('x-trailer')?.join()).toMatch(/^last, ?very last$/);
      });
      it('of the operator is added, over that of the function', async () => {
        await stock.reserve({}, { metadata: { authorization: 'mine' } });
        expect(server.received.at(-1)?.get('authorization')).toEqual(['Bearer operator']);
      });
      it('of streams comes before and after their messages', async () => {
        const order: string[] = [];
        const options = { onMetadata: () => order.push('initial'), onTrailer: () => order.push('trailer') };
        for await (const { name } of stock.watch({ count: '2' }, options)) order.push(name);
        expect(order).toEqual(['initial', '0', '1', 'trailer']);
      });
      it('cannot be malformed', async () => {
        await expect(stock.reserve({}, { metadata: { 'bad name': 'x' } })).rejects.toMatchObject({
          code: 'INVALID_ARGUMENT',
          reason: 'bad-metadata',
        });
      });
    });

    describe('streams', () => {
      it('of the server come in order', async () => {
        const names = (await collect(stock.watch({ count: '1000' }))).map(({ name }) => Number(name));
        expect(names).toEqual(Array.from({ length: 1_000 }, (_, at) => at));
      });
      it('of the client are sent in order, from an iterable or an async one', async () => {
        expect((await stock.upload([{ name: 'a' }, { name: 'b' }])).name).toBe('a,b');
        expect((await stock.upload([])).name).toBe('');
        expect((await stock.upload(numbered(3, MIB))).count).toBe(String(3 * MIB));
      });
      it('go both ways at once: each answer is there before the next question', async () => {
        let answered = Promise.withResolvers<void>();
        async function* questions(): AsyncGenerator<Partial<Item>> {
          for (let at = 0; at < 3; at++) {
            yield { name: String(at) };
            await answered.promise;
          }
        }
        const answers: string[] = [];
        for await (const { name } of stock.chat(questions())) {
          answers.push(name);
          const next = answered;
          answered = Promise.withResolvers();
          next.resolve();
        }
        expect(answers).toEqual(['re: 0', 're: 1', 're: 2']);
      });
      it('stop the server while nobody reads', async () => {
        const before = server.written;
        const messages = stock.watch({ count: '2000', data: Buffer.alloc(64 * 1024) });
        await messages.next();
        await delay(300);
        const written = server.written - before;
        await delay(200);
        expect(server.written - before - written).toBeLessThan(10);
        expect(written).toBeLessThan(500);
        await messages.return(undefined);
      });
      it('fail with what the source of their messages threw', async () => {
        async function* broken(): AsyncGenerator<Partial<Item>> {
          yield { name: 'first' };
          throw new RangeError('the source is broken');
        }
        const before = server.cancelled;
        await expect(stock.upload(broken())).rejects.toThrow('the source is broken');
        await waitFor(() => server.cancelled > before, 5_000);
      });
    });

    describe('errors', () => {
      it.each([
        [3, 'INVALID_ARGUMENT'],
        [5, 'NOT_FOUND'],
        [9, 'FAILED_PRECONDITION'],
        [13, 'INTERNAL'],
        [14, 'UNAVAILABLE'],
        [16, 'UNAUTHENTICATED'],
      ])('of status %i are %s, with the server’s text and trailer', async (grpcCode, code) => {
        const error = (await stock
          .reserve({ name: `fail ${grpcCode}` })
          .catch((thrown: unknown) => thrown)) as BottleError;
        expect(error).toMatchObject({
          code,
          reason: 'grpc-error',
          message: 'told to',
          details: { grpcCode, resource: 'rpc.contract', operation: '/shop.Stock/Reserve' },
        });
        const { metadata } = error.details as { metadata: Record<string, string[]> };
        expect(metadata['x-detail-bin']).toEqual([Buffer.from([1, 2, 3, 250]).toString('base64')]);
      });
      it('come after the messages before them', async () => {
        const names: string[] = [];
        const reading = (async () => {
          for await (const { name } of stock.watch({ count: '3', name: 'fail 8' })) names.push(name);
        })();
        await expect(reading).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED', details: { grpcCode: 8 } });
        expect(names).toEqual(['0', '1', '2']);
      });
      it('end an upload although it is not over', async () => {
        async function* endless(): AsyncGenerator<Partial<Item>> {
          yield { name: 'fail 9' };
          for (;;) {
            await delay(5);
            yield { name: 'more' };
          }
        }
        await expect(stock.upload(endless())).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
      });
    });

    describe('deadlines', () => {
      it('travel along, and end a call that hangs', async () => {
        const startedAt = performance.now();
        await expect(stock.reserve({ name: 'hang' }, { timeoutMs: 300 })).rejects.toMatchObject({
          code: 'DEADLINE_EXCEEDED',
        });
        expect(performance.now() - startedAt).toBeLessThan(1_500);
        expect(server.timeouts.at(-1)).toBeGreaterThan(0);
        expect(server.timeouts.at(-1)).toBeLessThanOrEqual(300);
      });
      it('end a stream, and the server notices', async () => {
        const before = server.cancelled;
        const names: string[] = [];
        const reading = (async () => {
          for await (const { name } of stock.watch({ count: '2', name: 'hang' }, { timeoutMs: 300 })) names.push(name);
        })();
        await expect(reading).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
        expect(names).toEqual(['0', '1']);
        await waitFor(() => server.cancelled > before, 5_000);
      });
    });

    describe('giving up', () => {
      it('reaches the server of a unary call', async () => {
        const before = server.cancelled;
        const controller = new AbortController();
        const pending = stock.reserve({ name: 'hang' }, { signal: controller.signal });
        setTimeout(() => controller.abort(), 100);
        await expect(pending).rejects.toMatchObject({ code: 'CANCELLED' });
        await waitFor(() => server.cancelled > before, 5_000);
      });
      it('reaches the server of a stream, be it by signal or by leaving the loop', async () => {
        const before = server.cancelled;
        for await (const { name } of stock.watch({ count: '3', name: 'hang' })) if (name === '1') break;
        await waitFor(() => server.cancelled > before, 5_000);
        const controller = new AbortController();
        const pending = collect(stock.watch({ count: '1', name: 'hang' }, { signal: controller.signal }));
        setTimeout(() => controller.abort(), 100);
        await expect(pending).rejects.toMatchObject({ code: 'CANCELLED' });
        await waitFor(() => server.cancelled > before + 1, 5_000);
      });
      it('closes the source of the messages', async () => {
        let closed = false;
        async function* questions(): AsyncGenerator<Partial<Item>> {
          try {
            for (;;) {
              yield { name: 'x' };
              await delay(5);
            }
          } finally {
            closed = true;
          }
        }
        for await (const answer of stock.chat(questions())) if (answer.name === 're: x') break;
        await waitFor(() => closed, 5_000);
        expect(closed).toBe(true);
      });
    });
  });
}

async function collect(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function* numbered(count: number, bytes: number): AsyncGenerator<Partial<Item>> {
  for (let at = 0; at < count; at++) yield { name: String(at), data: Buffer.alloc(bytes) };
}
