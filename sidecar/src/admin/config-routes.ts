// Configuration and switches for operators and the CLI. `:capability` is "config" or "switches"; entries are
// { key, value, revision, changedAt, changedBy }, without a value where there is none.
//   GET    /config/:capability/:resource                 { entries }, of those that begin with ?prefix=
//   GET    /config/:capability/:resource/:key            the entry; 404 where there is none
//   PUT    /config/:capability/:resource/:key            the body is the value; ?expectedRevision= ?changedBy=
//   DELETE /config/:capability/:resource/:key            ?expectedRevision= ?changedBy=
//   GET    /config/:capability/:resource/:key/history    { entries }, newest first
//   POST   /config/:capability/:resource/:key/rollback   ?revision= ?changedBy=
//   GET    /config/:capability/:resource/:key/watch      the entry now and after each change, one JSON text a line
import { once } from 'node:events';
import { BottleError, Code, parseExactJson, toJson } from '@bottle/protos';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './answer-or-problem.ts';

type ConfigCapability = 'config' | 'switches';

/** How the routes reach the resources. */
export interface ConfigAdmin {
  /** A method of the contract with its message. Throws BottleError. */
  unary(capability: ConfigCapability, resource: string, method: string, message: object): Promise<object>;
  watch(capability: ConfigCapability, resource: string, key: string, signal: AbortSignal): AsyncIterable<object>;
}

/** An entry as the contract has it. */
interface WireEntry {
  key: string;
  valueJson?: string;
  revision: number;
  changedAtMs: number;
  changedBy: string;
}

interface Target {
  capability: ConfigCapability;
  resource: string;
  key: string;
}

/** Adds the routes to the admin server. */
export function addConfigRoutes(app: FastifyInstance, config: ConfigAdmin): void {
  const resource = '/config/:capability/:resource';
  const ask = async (request: FastifyRequest, method: string, message: object): Promise<object> => {
    const { capability, resource: name, key } = targetOf(request);
    return await config.unary(capability, name, method, { key, ...message });
  };
  const entry = async (answer: Promise<object>): Promise<object> => shown((await answer) as WireEntry);
  const entries = async (answer: Promise<object>): Promise<object> => ({
    entries: ((await answer) as { entries: WireEntry[] }).entries.map(shown),
  });
  const answered =
    (handle: (request: FastifyRequest) => Promise<object>) =>
    async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
      try {
        return await handle(request);
      } catch (thrown) {
        return sendProblem(reply, thrown);
      }
    };

  app.get(
    resource,
    answered((request) => entries(ask(request, 'list', { prefix: textOf(request, 'prefix') }))),
  );
  app.get(
    `${resource}/:key`,
    answered((request) => entry(ask(request, 'get', {}))),
  );
  app.put(
    `${resource}/:key`,
    answered((request) => {
      const valueJson = Buffer.isBuffer(request.body) ? request.body.toString() : '';
      return entry(ask(request, 'set', { valueJson, ...changeOf(request) }));
    }),
  );
  app.delete(
    `${resource}/:key`,
    answered((request) => entry(ask(request, 'set', changeOf(request)))),
  );
  app.get(
    `${resource}/:key/history`,
    answered((request) => entries(ask(request, 'history', {}))),
  );
  app.post(
    `${resource}/:key/rollback`,
    answered((request) => {
      const revision = numberOf(request, 'revision');
      if (revision === undefined) throw badQuery('revision', 'is missing');
      return entry(ask(request, 'rollback', { revision, changedBy: textOf(request, 'changedBy') }));
    }),
  );
  app.get(`${resource}/:key/watch`, async (request, reply) => {
    const closed = new AbortController();
    reply.raw.once('close', () => closed.abort());
    try {
      const { capability, resource: name, key } = targetOf(request);
      for await (const each of config.watch(capability, name, key, closed.signal)) {
        if (!reply.sent) {
          reply.hijack();
          reply.raw.writeHead(200, { 'content-type': 'application/x-ndjson' });
        }
        const hasRoom = reply.raw.write(`${toJson(shown(each as WireEntry)) ?? ''}\n`);
        if (!hasRoom) await once(reply.raw, 'drain', { signal: closed.signal });
      }
    } catch (thrown) {
      if (!reply.sent) return sendProblem(reply, thrown);
    }
    reply.raw.end();
    return reply;
  });
}

function targetOf(request: FastifyRequest): Target {
  const { capability = '', resource = '', key = '' } = request.params as Partial<Record<string, string>>;
  if (capability === 'config' || capability === 'switches') return { capability, resource, key };
  const message = `"${capability}" is neither "config" nor "switches"`;
  throw new BottleError(Code.NOT_FOUND, 'no-capability', message);
}

function changeOf(request: FastifyRequest): object {
  const expectedRevision = numberOf(request, 'expectedRevision');
  return { changedBy: textOf(request, 'changedBy'), ...(expectedRevision === undefined ? {} : { expectedRevision }) };
}

function textOf(request: FastifyRequest, name: string): string {
  const value = (request.query as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : '';
}

function numberOf(request: FastifyRequest, name: string): number | undefined {
  const text = textOf(request, name);
  if (text === '') return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw badQuery(name, `is not a revision: ${text}`);
}

function badQuery(name: string, problem: string): BottleError {
  return new BottleError(Code.INVALID_ARGUMENT, 'bad-query', `the query parameter "${name}" ${problem}`);
}

function shown({ key, valueJson, revision, changedAtMs, changedBy }: WireEntry): object {
  return {
    key,
    ...(valueJson === undefined ? {} : { value: parseExactJson(valueJson) }),
    revision,
    changedAt: new Date(changedAtMs).toISOString(),
    changedBy,
  };
}
