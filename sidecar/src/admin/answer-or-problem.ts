import { BottleError } from '@bottle/protos';
import type { FastifyReply } from 'fastify';
import { type ProblemOf, problemOf } from '../problem.ts';

/** Answers what the work comes to, or the problem document of what it throws. */
export async function answerOrProblem(reply: FastifyReply, work: () => Promise<object> | object): Promise<unknown> {
  try {
    return await work();
  } catch (thrown) {
    return sendProblem(reply, thrown);
  }
}

/** Answers with the problem document of an error, whatever it is; breaks off what is being sent. */
export function sendProblem(reply: FastifyReply, thrown: unknown, describe: ProblemOf = problemOf): FastifyReply {
  const { status, headers, body } = describe(BottleError.from(thrown), undefined, reply.request.raw);
  reply.hijack();
  if (reply.raw.headersSent)
    reply.raw.destroy(); // what breaks off must not look whole
  else reply.raw.writeHead(status, headers).end(body);
  return reply;
}
