// Endpoints of the admin port that call functions by hand; see docs/triggers.md:
//   POST /functions/:name/invoke?as=&path=&method=&query=&header=   the body is the data, or a whole event
//   GET  /functions/:name/example?as=                               an event to begin with
// The answer is the function's. What it says besides its body over HTTP stands in x-bottle-status and x-bottle-location.
import { WriteFlow } from '@bottle/protos';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Outcome, ResponseStream } from '../layer.ts';
import type { ProblemOf } from '../problem.ts';
import { answerOrProblem, sendProblem } from './answer-or-problem.ts';
import type { Given, ManualExample } from './manual/manual-call.ts';
import { type InvokeRequest, parseGiven } from './manual/parse-given.ts';

/** Calls by hand. */
export interface InvokeAdmin {
  /** Calls a function; the callback gets the outcome while the place is held. */
  invoke(call: InvokeCall, respond: (outcome: Outcome) => Promise<void>): Promise<void>;
  /** Rejects with INVALID_ARGUMENT where it is not clear which trigger is meant. */
  example(functionName: string, as: string | undefined): Promise<ManualExample>;
  /** What the caller sees of an error of the function. */
  problemOf: ProblemOf;
}

interface InvokeCall {
  function: string;
  given: Given;
  /** Milliseconds that the caller waits; undefined when it did not say. */
  callerTimeoutMs: number | undefined;
}

export function addInvokeRoutes(app: FastifyInstance, admin: InvokeAdmin): void {
  app.get('/functions/:name/example', (request, reply) =>
    answerOrProblem(reply, () => {
      const { name } = request.params as { name: string };
      const { as } = parseGiven({ query: queryOf(request.query), contentType: '', body: undefined });
      return admin.example(name, as);
    }),
  );
  app.post('/functions/:name/invoke', async (request, reply) => {
    const { name } = request.params as { name: string };
    const timeout = Number(request.headers['x-bottle-timeout-ms']);
    try {
      const given = parseGiven({
        query: queryOf(request.query),
        contentType: request.headers['content-type'] ?? 'application/json',
        body: Buffer.isBuffer(request.body) ? request.body : undefined,
      });
      const call = { function: name, given, callerTimeoutMs: timeout > 0 ? timeout : undefined };
      await admin.invoke(call, (outcome) => sendOutcome(outcome, reply));
    } catch (thrown) {
      sendProblem(reply, thrown, admin.problemOf);
    }
    return reply;
  });
}

function queryOf(query: unknown): InvokeRequest['query'] {
  return query as InvokeRequest['query'];
}

async function sendOutcome({ response, stream }: Outcome, reply: FastifyReply): Promise<void> {
  reply.hijack();
  reply.raw.writeHead(200, headersOf(response));
  if (stream) await pass(stream, reply.raw);
  reply.raw.end(response.body);
}

/** A head of its own: what the function says of lengths and connections is for its client. */
function headersOf({ http, value }: Outcome['response']): string[] {
  if (!http) return ['content-type', value?.contentType || 'application/json'];
  const said = (wanted: string): string | undefined => {
    const at = http.headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === wanted);
    return at === -1 ? undefined : http.headers[at + 1];
  };
  const [contentType, location] = [said('content-type'), said('location')];
  return [
    'x-bottle-status',
    String(http.status),
    ...(contentType === undefined ? [] : ['content-type', contentType]),
    ...(location === undefined ? [] : ['x-bottle-location', location]),
  ];
}

/** No faster than its client reads; the function's stream ends when the client leaves. */
async function pass(stream: ResponseStream, raw: FastifyReply['raw']): Promise<void> {
  const flow = new WriteFlow(raw);
  const onClose = (): void => stream.cancel();
  raw.once('close', onClose);
  try {
    for await (const chunk of stream.chunks) {
      if (!raw.write(chunk)) await flow.untilWritable();
      if (raw.destroyed) return;
    }
  } finally {
    raw.off('close', onClose);
  }
}
