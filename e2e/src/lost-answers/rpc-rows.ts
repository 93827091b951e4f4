import { STOCK_PROTO } from '../contracts/grpc-server.ts';
import type { StockClient } from '../contracts/grpc-contract.ts';
import { type Row, toldOf, type Ways } from './row.ts';

const source = { file: STOCK_PROTO, service: 'shop.Stock' };

function rpcRow(
  operation: string,
  told: string,
  calls: number,
  call: (stock: StockClient, key: string) => Promise<unknown>,
): Row {
  return {
    capability: 'rpc',
    operation,
    told,
    truth: calls,
    async run({ bottle, lose, grpcCalls }: Ways, key) {
      const stock = bottle.rpc.proto<StockClient>('lossy', source);
      await stock.reserve({ name: 'a connection that stands' });
      const before = grpcCalls();
      lose(key);
      const said = await toldOf(() => call(stock, key));
      return { told: said, truth: grpcCalls() - before };
    },
  };
}

export const RPC_ROWS: readonly Row[] = [
  rpcRow('a gRPC method', 'unknown (outcome-unknown)', 1, (stock, key) => stock.reserve({ name: key })),
  rpcRow('a gRPC method, marked idempotent', 'answered "done"', 2, async (stock, key) => {
    await stock.reserve({ name: key }, { idempotent: true });
    return 'done';
  }),
];
