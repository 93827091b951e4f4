// Endpoints of the admin port, for probes, operators and the CLI; never for clients:
//   GET  /livez               the sidecar's event loop answers
//   GET  /readyz              200 with what does not work besides, or 503 with everything that is missing
//   GET  /healthz             200 always: whether everything works; with ?verbose each thing that was looked at
//   GET  /function/live       the function container answers its health check, layers included
//   GET  /functions           the function table with states and load
//   POST /functions/:name/invoke   one call by hand; GET …/example: an event for it: see invoke-routes.ts
//   GET  /resources           what functions may use by name: driver, state, latency
//   GET|PUT|DELETE /config/…  configuration and switches: see config-routes.ts
//   GET|POST /timers/…        schedules, their runs, and firing them: see timer-routes.ts
//   GET|POST /consumers/…     consumers of messages, and what stands in their way: see consumer-routes.ts
//   GET|POST /dead-letters/…  messages that were given up: see dead-letter-routes.ts
//   GET  /metrics             Prometheus text
//   GET|POST /drain           starts the drain, answers when it is over
//   GET|POST /wait-drained    answers when a drain is over; without one, after a second
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { toJson } from '@bottle/protos';
import fastify from 'fastify';
import type { DrainResult } from '../drain.ts';
import type { HealthCheck } from '../health.ts';
import { addAdminGuard } from './admin-guard.ts';
import { addConfigRoutes, type ConfigAdmin } from './config-routes.ts';
import { addInvokeRoutes, type InvokeAdmin } from './invoke-routes.ts';
import { addConsumerRoutes, type ConsumerAdmin, type TopicAdmin } from './consumer-routes.ts';
import { addDeadLetterRoutes, type DeadLetterAdmin } from './dead-letter-routes.ts';
import { addTimerRoutes, type TimerAdmin } from './timer-routes.ts';

/** `/wait-drained` without `/drain` within this time: only the function container restarts, the pod stays. */
const DRAIN_GRACE_MS = 1_000;

const NOT_HEALTHY = 'the function container is not healthy';

/** Longer than any path that fits the request head. */
const MAX_PARAM_LENGTH = 64 * 1024;

export interface AdminServerOptions {
  /** What operators show in `Authorization: Bearer`; '': they need nothing. */
  token: string;
  /** Everything that may be wrong, besides the function container's health. */
  checks(): HealthCheck[];
  /** Whether the function container's event loop answers, and its layers are well. */
  functionLive(): Promise<boolean>;
  functions(): Promise<unknown>;
  resources(): Promise<unknown>;
  config: ConfigAdmin;
  timers: TimerAdmin;
  consumers: ConsumerAdmin;
  topics: TopicAdmin;
  deadLetters: DeadLetterAdmin;
  metrics(): AsyncIterable<string>;
  drain: { start(): Promise<DrainResult>; begun: Promise<void>; isDraining: boolean };
  calls: InvokeAdmin;
}

export interface AdminServer {
  listen(host: string, port: number): Promise<number>;
  close(): Promise<void>;
}

export function createAdminServer(options: AdminServerOptions): AdminServer {
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: 10 * 1024 * 1024,
    // Whatever name it is: how long it may be is said by what it names.
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    // A call by hand has the head of its request in the query, percent-encoded.
    http: { maxHeaderSize: MAX_PARAM_LENGTH },
  });
  addAdminGuard(app, options.token);
  app.setReplySerializer((answer) => toJson(answer) ?? 'null');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  app.get('/livez', () => ({ status: 'live' }));
  app.get('/readyz', async (_request, reply) => {
    const wrong = options.checks().filter(({ problem }) => problem !== undefined);
    const problemsOf = (isOwn: boolean) => wrong.flatMap((each) => (each.isOwn === isOwn ? (each.problem ?? []) : []));
    const missing = problemsOf(true);
    const degraded = problemsOf(false);
    if (missing.length === 0 && !(await options.functionLive())) missing.push(NOT_HEALTHY);
    const besides = degraded.length === 0 ? {} : { degraded };
    if (missing.length === 0) return { status: 'ready', ...besides };
    return reply.code(503).send({ status: 'unready', missing, ...besides });
  });
  app.get<{ Querystring: { verbose?: string } }>('/healthz', async ({ query }) => {
    const live = await options.functionLive();
    const health = { check: 'function container health', problem: live ? undefined : NOT_HEALTHY };
    const checks = [health, ...options.checks()].map(({ check, problem }) => ({
      check,
      ok: problem === undefined,
      problem,
    }));
    const status = checks.every(({ ok }) => ok) ? 'healthy' : 'degraded';
    return query.verbose === undefined ? { status } : { status, checks };
  });
  app.get('/function/live', async (_request, reply) => {
    if (await options.functionLive()) return { status: 'live' };
    return reply.code(503).send({ status: 'not answering' });
  });
  app.get('/functions', () => options.functions());
  app.get('/resources', async () => ({ resources: await options.resources() }));
  addInvokeRoutes(app, options.calls);
  addConfigRoutes(app, options.config);
  addTimerRoutes(app, options.timers);
  addConsumerRoutes(app, options.consumers, options.topics);
  addDeadLetterRoutes(app, options.deadLetters);
  app.get('/metrics', (_request, reply) =>
    reply.type('text/plain; version=0.0.4').send(Readable.from(options.metrics(), { objectMode: false })),
  );
  app.route({ method: ['GET', 'POST'], url: '/drain', handler: () => options.drain.start() });
  app.route({
    method: ['GET', 'POST'],
    url: '/wait-drained',
    handler: async () => {
      await Promise.race([options.drain.begun, sleep(DRAIN_GRACE_MS)]);
      if (!options.drain.isDraining)
        return { drained: false, reason: 'no drain began: only the function container restarts' };
      return options.drain.start();
    },
  });

  return {
    async listen(host, port) {
      await app.listen({ host, port });
      const address = app.server.address();
      return typeof address === 'object' && address ? address.port : port;
    },
    close: () => app.close(),
  };
}
