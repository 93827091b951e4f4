// Dead letters for operators and the CLI.
//   GET  /dead-letters                 { topics }: each with how many letters of which functions, for which reasons
//   GET  /dead-letters/:topic          { letters }, at most ?limit= (20); 404 where there is no such topic
//   POST /dead-letters/:topic/retry    { ids: ["0:42"] } or { "all": true } → { count }: back to where they came from
//   POST /dead-letters/:topic/drop     the same: they are forgotten
import { BottleError, Code } from '@bottle/protos';
import type { FastifyInstance } from 'fastify';
import { answerOrProblem } from './answer-or-problem.ts';

/** How the routes reach the dead letters. Throws BottleError. */
export interface DeadLetterAdmin {
  topics(): Promise<object[]>;
  letters(topic: string, limit: number): Promise<object[]>;
  retry(topic: string, ids: readonly string[] | 'all'): Promise<number>;
  drop(topic: string, ids: readonly string[] | 'all'): Promise<number>;
}

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 1_000;

/** Adds the routes to the admin server. */
export function addDeadLetterRoutes(app: FastifyInstance, deadLetters: DeadLetterAdmin): void {
  const topicOf = (params: unknown): string => (params as { topic: string }).topic;
  app.get('/dead-letters', (_request, reply) =>
    answerOrProblem(reply, async () => ({ topics: await deadLetters.topics() })),
  );
  app.get('/dead-letters/:topic', (request, reply) =>
    answerOrProblem(reply, async () => ({
      letters: await deadLetters.letters(topicOf(request.params), limitOf(request.query)),
    })),
  );
  for (const action of ['retry', 'drop'] as const) {
    app.post(`/dead-letters/:topic/${action}`, (request, reply) =>
      answerOrProblem(reply, async () => ({
        count: await deadLetters[action](topicOf(request.params), lettersOf(request.body)),
      })),
    );
  }
}

/** Throws INVALID_ARGUMENT. */
function limitOf(query: unknown): number {
  const { limit } = query as { limit?: unknown };
  if (limit === undefined) return DEFAULT_LIMIT;
  if (typeof limit === 'string' && /^\d{1,5}$/.test(limit)) return Math.min(Number(limit), MAX_LIMIT);
  throw new BottleError(Code.INVALID_ARGUMENT, 'bad-query', 'the query parameter "limit" is not a number');
}

/** Throws INVALID_ARGUMENT. */
function lettersOf(body: unknown): readonly string[] | 'all' {
  try {
    const { ids, all } = JSON.parse(String(body)) as { ids?: unknown; all?: unknown };
    if (all === true) return 'all';
    if (Array.isArray(ids) && ids.length > 0) return ids.map(String);
  } catch {
    // answered below
  }
  throw new BottleError(
    Code.INVALID_ARGUMENT,
    'bad-query',
    'the body is neither { "ids": ["0:42"] } nor { "all": true }',
  );
}
