// The service lightstore.v1.Stock: protos/stock.proto says what its messages are.
import { BottleError, Code, defineFunction, type FaaSRpcContext } from 'bottle-sdk';
import { FieldProblems } from '../store/field-problems.ts';

interface StockLevel {
  id: string;
  stock: number;
}

/** Get: how much there is of an item. */
export const get = defineFunction.rpc<{ id: string }, StockLevel>(async ({ store }, { id }) => {
  const { stock } = await store.catalogue.get(id);
  return { id, stock };
});

/** Reserve: takes items out of the stock; what is left goes to whoever watches, in every pod. */
export const reserve = defineFunction.rpc<StockRequest, StockLevel>(async ({ store, logger, rpc }, request) => {
  const { id, quantity } = checked(request);
  const { stock } = await store.catalogue.reserve(id, quantity);
  logger.info({ item: id, quantity, stock, peer: rpc.peer }, 'reserved');
  return { id, stock };
});

interface StockRequest {
  id: string;
  quantity: number;
}

/** Watch: what there is, then what changes. The client's leaving ends the generator. */
export const watch = defineFunction.rpc<{ ids: string[] }, AsyncGenerator<StockLevel>>((ctx, { ids }) =>
  levels(ctx, new Set(ids)),
);

async function* levels({ store, logger }: FaaSRpcContext, wanted: ReadonlySet<string>): AsyncGenerator<StockLevel> {
  const changes = await store.feed.watch(logger); // first, so that nothing happens unseen in between
  const items = (await store.catalogue.all()).filter(({ id }) => wanted.size === 0 || wanted.has(id));
  const known = new Set(items.map(({ id }) => id));
  const unknown = [...wanted].filter((id) => !known.has(id));
  if (unknown.length > 0)
    throw new BottleError(Code.NOT_FOUND, 'no-item', `there is no item "${unknown.join('", "')}"`);
  for (const { id, stock } of items) yield { id, stock };
  for await (const { event, data } of changes) {
    if (event === 'stock' && known.has(data.id)) yield { id: data.id, stock: data.stock };
  }
}

function checked({ id, quantity }: StockRequest): StockRequest {
  const problems = new FieldProblems();
  if (id === '') problems.add('id', 'expected the id of an item');
  if (quantity < 1) problems.add('quantity', 'expected a whole number from 1');
  problems.throwIfAny('invalid-reservation');
  return { id, quantity };
}
