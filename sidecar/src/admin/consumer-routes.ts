// Consumers of messages, for operators and the CLI.
//   GET  /consumers        { consumers }: function, topic, group, partitions of this pod with what stands in the way
//   GET  /consumers/topics  { topics }: what consumers need, and whether it is there
//   POST /consumers/topics  the same, after making those that are not there
//   POST /consumers/skip   { topic, partition, offset, group? } → {}: passes over a batch that cannot be read; 404 where none is
import { BottleError, Code } from '@bottle/protos';
import type { FastifyInstance } from 'fastify';
import { answerOrProblem } from './answer-or-problem.ts';

/** How the routes reach the consumers. */
export interface ConsumerAdmin {
  describe(): object[];
  /** Throws BottleError. */
  skip(batch: { topic: string; partition: number; offset: bigint; group: string | undefined }): void;
}

/** How they reach the topics that consumers need. Never rejects. */
export interface TopicAdmin {
  list(): Promise<object[]>;
  create(): Promise<object[]>;
}

/** Adds the routes to the admin server. */
export function addConsumerRoutes(app: FastifyInstance, consumers: ConsumerAdmin, topics: TopicAdmin): void {
  app.get('/consumers', () => ({ consumers: consumers.describe() }));
  app.get('/consumers/topics', async () => ({ topics: await topics.list() }));
  app.post('/consumers/topics', async () => ({ topics: await topics.create() }));
  app.post('/consumers/skip', (request, reply) =>
    answerOrProblem(reply, () => {
      consumers.skip(batchOf(request.body));
      return {};
    }),
  );
}

/** Throws INVALID_ARGUMENT. */
function batchOf(body: unknown): Parameters<ConsumerAdmin['skip']>[0] {
  try {
    const { topic, partition, offset, group } = JSON.parse(String(body)) as Record<string, unknown>;
    const isOffset = typeof offset === 'string' && /^\d{1,19}$/.test(offset);
    const isGroup = group === undefined || typeof group === 'string';
    if (typeof topic === 'string' && Number.isInteger(partition) && isOffset && isGroup)
      return { topic, partition: partition as number, offset: BigInt(offset), group };
  } catch {
    // answered below
  }
  const message = 'the body is not { "topic": "orders", "partition": 0, "offset": "42" }, with "group" or without';
  throw new BottleError(Code.INVALID_ARGUMENT, 'bad-query', message);
}
