// Schedules for operators and the CLI. Times are ISO 8601.
//   GET  /timers              { pod, timers }: each with its next tick, what runs, and its last run
//   GET  /timers/:name        one schedule with its last 50 runs, newest first; 404 where there is none
//   POST /timers/:name/fire   runs it now, in this pod; the body, if there is one, is its payload. Answers the run when it
//                             is over, with its result; 409 while a run is under way that may not overlap
import { BottleError, Code } from '@bottle/protos';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { problemOf } from '../problem.ts';

/** How the routes reach the schedules. Throws BottleError. */
export interface TimerAdmin {
  readonly pod: string;
  describe(): Promise<object[]>;
  find(name: string): Promise<object>;
  fire(name: string, payload: Buffer | undefined): Promise<object>;
}

/** Adds the routes to the admin server. */
export function addTimerRoutes(app: FastifyInstance, timers: TimerAdmin): void {
  const answer = async (reply: FastifyReply, work: () => Promise<object>): Promise<unknown> => {
    try {
      return await work();
    } catch (thrown) {
      const { status, headers, body } = problemOf(BottleError.from(thrown), undefined);
      reply.hijack();
      reply.raw.writeHead(status, headers).end(body);
      return reply;
    }
  };
  app.get('/timers', (_request, reply) =>
    answer(reply, async () => ({ pod: timers.pod, timers: await timers.describe() })),
  );
  app.get('/timers/:name', (request, reply) => answer(reply, () => timers.find(nameOf(request.params))));
  app.post('/timers/:name/fire', (request, reply) =>
    answer(reply, () => timers.fire(nameOf(request.params), payloadOf(request.body))),
  );
}

function nameOf(params: unknown): string {
  return (params as { name: string }).name;
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
