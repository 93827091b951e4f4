import { defineFunction } from 'bottle-sdk';
import { FieldProblems } from '../store/field-problems.ts';

interface Delivery {
  id: string;
  quantity: number;
}

/** A delivery has arrived. No route: `bottle invoke restock --data '{"id":"mushroom-lamp","quantity":20}'`. */
export const restock = defineFunction.event<Partial<Delivery> | undefined>(async (ctx, delivery) => {
  const { id, quantity } = parseDelivery(delivery);
  const { stock } = await ctx.store.catalogue.restock(id, quantity);
  ctx.logger.info({ item: id, quantity, stock }, 'restocked');
  return { id, stock };
});

function parseDelivery(delivery: Partial<Delivery> | undefined): Delivery {
  const { id, quantity } = delivery ?? {};
  const problems = new FieldProblems();
  if (typeof id !== 'string') problems.add('id', 'expected the id of an item');
  if (!Number.isInteger(quantity) || Number(quantity) < 1) problems.add('quantity', 'expected a whole number from 1');
  problems.throwIfAny('invalid-delivery');
  return { id: String(id), quantity: Number(quantity) };
}
