import type { FaaSRpcContext } from 'bottle-sdk';
import { expect, test } from 'vitest';
import { sampleContext } from '../sample-context.ts';
import { sampleItem } from '../store/sample-items.ts';
import { openSampleShop, type SampleShop } from '../store/sample-shop.ts';
import { get, reserve, watch } from './stock.ts';

function contextOf(shop: SampleShop): FaaSRpcContext {
  return Object.assign(sampleContext(shop), { rpc: { peer: '127.0.0.1:1' } }) as unknown as FaaSRpcContext;
}
const lamp = sampleItem({ id: 'lamp', stock: 3 });

test('says how much there is', async () => {
  await using shop = await openSampleShop([lamp]);
  expect(await get(contextOf(shop), { id: 'lamp' })).toEqual({ id: 'lamp', stock: 3 });
  await expect(get(contextOf(shop), { id: 'sofa' })).rejects.toMatchObject({ code: 'NOT_FOUND', reason: 'no-item' });
});

test('takes what is reserved, and never more than there is', async () => {
  await using shop = await openSampleShop([lamp]);
  expect(await reserve(contextOf(shop), { id: 'lamp', quantity: 2 })).toEqual({ id: 'lamp', stock: 1 });
  const more = Promise.resolve(reserve(contextOf(shop), { id: 'lamp', quantity: 2 }));
  await expect(more).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'out-of-stock' });
  expect(await get(contextOf(shop), { id: 'lamp' })).toEqual({ id: 'lamp', stock: 1 });
});

test('says everything that is wrong with a reservation', async () => {
  await using shop = await openSampleShop([lamp]);
  const wrong = Promise.resolve(reserve(contextOf(shop), { id: '', quantity: 0 }));
  const problems = [{ field: 'id' }, { field: 'quantity' }];
  await expect(wrong).rejects.toMatchObject({ reason: 'invalid-reservation', details: { problems } });
  const unknown = Promise.resolve(reserve(contextOf(shop), { id: 'sofa', quantity: 1 }));
  await expect(unknown).rejects.toMatchObject({ reason: 'no-item' });
});

test('watchers see what there is, then each change, and leave nothing behind', async () => {
  await using shop = await openSampleShop([lamp, sampleItem({ id: 'bulb', stock: 9 })]);
  const levels = await watch(contextOf(shop), { ids: ['lamp'] });
  expect((await levels.next()).value).toEqual({ id: 'lamp', stock: 3 });
  const next = levels.next();
  await reserve(contextOf(shop), { id: 'bulb', quantity: 1 });
  await reserve(contextOf(shop), { id: 'lamp', quantity: 1 });
  expect((await next).value).toEqual({ id: 'lamp', stock: 2 });
  await levels.return(undefined);
  expect(shop.feed.watching).toBe(0);
});

test('watching an item that there is not is a mistake', async () => {
  await using shop = await openSampleShop([lamp]);
  const levels = await watch(contextOf(shop), { ids: ['lamp', 'sofa'] });
  await expect(levels.next()).rejects.toMatchObject({ reason: 'no-item', message: 'there is no item "sofa"' });
});
