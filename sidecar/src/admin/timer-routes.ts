// Schedules for operators and the CLI. Times are ISO 8601.
//   GET  /timers              { pod, timers }: each with its next tick, what runs, and its last run
//   GET  /timers/:name        one schedule with its last 50 runs, newest first; 404 where there is none
//   POST /timers/:name/fire   runs it now, in this pod; the body, if there is one, is its payload. Answers the run with its
//                             result when it is over, or 202 after ?waitMs= (default: 60000) when it goes on; 409 while a
//                             run is under way that may not overlap
import { BottleError, Code } from '@bottle/protos';
import type { FastifyInstance } from 'fastify';
import { answerOrProblem } from './answer-or-problem.ts';

/** How the routes reach the schedules. Throws BottleError. */
export interface TimerAdmin {
  readonly pod: string;
  describe(): Promise<object[]>;
  find(name: string): Promise<object>;
  /** `result` is "running" when it is not over after `waitMs`. */
  fire(name: string, payload: Buffer | undefined, waitMs: number): Promise<{ result: string }>;
}

/** How long a firing by hand is waited for; its run may go on for longer. */
const MAX_WAIT_MS = 60_000;

/** Adds the routes to the admin server. */
export function addTimerRoutes(app: FastifyInstance, timers: TimerAdmin): void {
  app.get('/timers', (_request, reply) =>
    answerOrProblem(reply, async () => ({ pod: timers.pod, timers: await timers.describe() })),
  );
  app.get('/timers/:name', (request, reply) => answerOrProblem(reply, () => timers.find(nameOf(request.params))));
  app.post('/timers/:name/fire', (request, reply) =>
    answerOrProblem(reply, async () => {
      const run = await timers.fire(nameOf(request.params), payloadOf(request.body), waitMsOf(request.query));
      if (run.result === 'running') reply.code(202);
      return run;
    }),
  );
}

function nameOf(params: unknown): string {
  return (params as { name: string }).name;
}

/** Throws INVALID_ARGUMENT. */
function waitMsOf(query: unknown): number {
  const { waitMs } = query as { waitMs?: unknown };
  if (waitMs === undefined) return MAX_WAIT_MS;
  if (typeof waitMs === 'string' && /^\d{1,6}$/.test(waitMs)) return Math.min(Number(waitMs), MAX_WAIT_MS);
  const message = 'the query parameter "waitMs" is not a number of milliseconds';
  throw new BottleError(Code.INVALID_ARGUMENT, 'bad-query', message);
}

/** Undefined for no body. Throws INVALID_ARGUMENT for what is no JSON. */
function payloadOf(body: unknown): Buffer | undefined {
  if (!Buffer.isBuffer(body) || body.length === 0) return undefined;
  try {
    JSON.parse(body.toString());
    return body;
  } catch (cause) {
    const message = `the payload is not JSON: ${(cause as Error).message}`;
    throw new BottleError(Code.INVALID_ARGUMENT, 'invalid-json', message);
  }
}
