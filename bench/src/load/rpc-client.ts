// The gRPC client of rpc-unary, a process of its own: so many calls under way at any time. Talks to its parent over IPC:
// an RpcOrder in, LoadMessages out.
import { fileURLToPath } from 'node:url';
import { Client, credentials } from '@grpc/grpc-js';
import { loadSync, type MethodDefinition } from '@grpc/proto-loader';
import type { LoadMessage } from './generator.ts';
import { type LoopReport, runCallLoop } from './call-loop.ts';

/** What shall be called. Durations in milliseconds. */
export interface RpcOrder {
  port: number;
  inFlight: number;
  warmUpMs: number;
  durationMs: number;
}

const START_MS = 15_000;
const PROTO = fileURLToPath(new URL('../../functions/rpc/protos/stock.proto', import.meta.url));
const OPTIONS = { keepCase: false, longs: String, enums: String, bytes: Buffer, defaults: true, oneofs: true };
const REQUEST = { itemId: 'brass-reading-lamp', quantity: 2, customer: 'ada@example.com' };

async function run({ port, inFlight, warmUpMs, durationMs }: RpcOrder): Promise<void> {
  const methods = loadSync(PROTO, OPTIONS)['bench.v1.Stock'] as Readonly<
    Record<string, MethodDefinition<object, object>>
  >;
  const method = methods['Reserve'];
  if (!method) throw new Error('stock.proto has no Reserve');
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const { path, requestSerialize, responseDeserialize } = method;
  const call = (): Promise<object | undefined> =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, REQUEST, (error, answer) => {
        if (error) reject(error);
        else resolve(answer);
      });
    });
  await untilReady(client);
  const answer = (await answered(call)) as { left?: number };
  if (answer.left !== 998) throw new Error(`a wrong answer: ${JSON.stringify(answer)}`);
  const order = { task: 'rpc-unary', inFlight };
  await runCallLoop(call, { ...order, warmUpMs: 0, durationMs: warmUpMs });
  process.send?.({ kind: 'measuring' } satisfies LoadMessage);
  const report: LoopReport = await runCallLoop(call, { ...order, warmUpMs: 0, durationMs });
  const { calls: requests, errors, seconds, p50Us, p99Us } = report;
  const result = { requests, errors, seconds, p50Us, p99Us };
  process.send?.({ kind: 'done', result } satisfies LoadMessage, () => process.exit(0));
}

function untilReady(client: Client): Promise<void> {
  return new Promise((resolve, reject) => {
    client.waitForReady(Date.now() + START_MS, (error) => (error ? reject(error) : resolve()));
  });
}

/** The first answer: a pod listens a moment before its functions are there. */
async function answered(call: () => Promise<object | undefined>): Promise<object | undefined> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

process.once('message', (order: RpcOrder) => void run(order));
process.once('disconnect', () => process.exit(1));
