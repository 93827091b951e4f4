import { BottleError } from 'bottle-sdk';
import type * as functions from '../../functions/stock/src/stock.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../harness/pod.ts';
import type { ContractTarget } from './target.ts';

const MIB = 1024 * 1024;

/** The functions of e2e/functions/stock. */
export type StockFunctions = typeof functions;

/** What every driver that has functions does, seen through the SDK; the service is `stock`. */
export function describeFunctionsContract(title: string, open: () => Promise<ContractTarget>): void {
  describe(`functions contract: ${title}`, () => {
    let target: ContractTarget;
    beforeAll(async () => {
      target = await open();
    });
    afterAll(() => target?.close());
    const stock = () => target.bottle.rpc.functions<StockFunctions>('stock');
    const key = (): string => `${process.pid}-${Math.random()}`;

    it('gives an event of every JSON kind, and returns the result', async () => {
      for (const event of [0, '', false, null, [], {}, 'text 😀', 1.5, { a: [1, { b: null }] }])
        expect(await stock().echo(event)).toEqual(event);
      expect(await stock().echo()).toBeUndefined();
    });
    it('keeps bytes as they are, from none to 8 MiB', async () => {
      expect(await stock().echo(Buffer.from([0, 255, 128]))).toEqual(Buffer.from([0, 255, 128]));
      for (const bytes of [0, 1, 64 * 1024, 8 * MIB]) expect((await stock().big({ bytes })).length).toBe(bytes);
      expect(((await stock().echo(Buffer.alloc(8 * MIB))) as Buffer).length).toBe(8 * MIB);
    });
    it('has the types of the functions themselves', async () => {
      const { pid, at }: { pid: number; at: string } = await stock().facts();
      expect(pid).toBeGreaterThan(0);
      expect(at).toBe('1970-01-01T00:00:00.000Z');
    });
    it('throws what the function threw', async () => {
      const failed = stock().fail({ message: 'all gone' });
      await expect(failed).rejects.toBeInstanceOf(BottleError);
      await expect(failed).rejects.toMatchObject({
        code: 'FAILED_PRECONDITION',
        reason: 'sold-out',
        message: 'all gone',
        details: { left: 0, operation: 'invoke' },
      });
    });
    it('says when there is no such function', async () => {
      await expect(target.bottle.rpc.invoke('stock/none')).rejects.toMatchObject({
        code: 'NOT_FOUND',
        reason: 'no-function',
      });
    });
    it('hands the deadline on, and ends a call with it', async () => {
      const { remainingMs } = await stock().facts(undefined, { timeoutMs: 900 });
      expect(remainingMs).toBeGreaterThan(0);
      expect(remainingMs).toBeLessThanOrEqual(900);
      const startedAt = performance.now();
      const one = key();
      await expect(stock().hang({ key: one }, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
      expect(performance.now() - startedAt).toBeLessThan(1_500);
      await waitFor(async () => (await stock().seen({ key: one })) === 'aborted', 5_000);
    });
    it('lets the function know that its answer is not wanted any more', async () => {
      const one = key();
      const controller = new AbortController();
      const failure = stock()
        .hang({ key: one }, { signal: controller.signal })
        .catch((error: unknown) => error);
      await waitFor(async () => (await stock().seen({ key: one })) === 'running', 5_000);
      controller.abort();
      expect(await failure).toMatchObject({ code: 'CANCELLED' });
      await waitFor(async () => (await stock().seen({ key: one })) === 'aborted', 5_000);
    });
    it('serves many calls at once', async () => {
      const results = await Promise.all(Array.from({ length: 500 }, (_, at) => stock().echo(at)));
      expect(results).toEqual(Array.from({ length: 500 }, (_, at) => at));
    });
  });
}
