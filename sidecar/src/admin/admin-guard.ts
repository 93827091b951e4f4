// Who may use the admin port. It listens on loopback unless told otherwise; beyond that:
//  1. No web page: a browser says where a request comes from, and a page that rebinds its name to 127.0.0.1 still asks
//     for that name.
//  2. With a token, only those who have it, except for probes, hooks and metrics, which tell nothing and take nothing
//     but the drain. Function code shares the pod's network: without a token it can call everything here.
import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { BottleError, Code } from '@bottle/protos';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { problemOf } from '../problem.ts';

/** What kubelet and Prometheus ask for. */
const OPEN_PATHS = new Set(['/livez', '/readyz', '/function/live', '/metrics', '/drain', '/wait-drained']);
/** Names that no public DNS answers for. */
const LOCAL_NAME = /^([^.]+|.+\.(localhost|svc|svc\.cluster\.local))$/i;
const SAME_SITE = new Set<string | undefined>([undefined, 'none', 'same-origin']);

/** Refuses what may not be, before anything is read of it. `token` '': nobody needs one. */
export function addAdminGuard(app: FastifyInstance, token: string): void {
  const wanted = digest(`Bearer ${token}`);

  function refusalOf({ headers, routeOptions }: FastifyRequest): BottleError | undefined {
    const { host, origin, 'sec-fetch-site': site } = headers;
    if (origin !== undefined || !SAME_SITE.has(site) || !isLocal(host)) {
      return new BottleError(Code.PERMISSION_DENIED, 'admin-browser', 'the admin port is not for web pages');
    }
    if (token === '' || OPEN_PATHS.has(routeOptions.url ?? '')) return undefined;
    if (timingSafeEqual(digest(headers.authorization ?? ''), wanted)) return undefined;
    return new BottleError(Code.UNAUTHENTICATED, 'admin-token', 'expected `Authorization: Bearer` with admin.token');
  }

  app.addHook('onRequest', (request, reply, done) => {
    const refusal = refusalOf(request);
    if (!refusal) return done();
    const { status, headers, body } = problemOf(refusal, undefined);
    reply.hijack();
    reply.raw.writeHead(status, [...headers, 'connection', 'close']).end(body);
  });
}

/** Whether a Host is an address, or a name that cannot be somebody else's. */
function isLocal(host: string | undefined): boolean {
  if (host === undefined || host === '') return true; // HTTP/1.0; no browser
  const name = /^\[(.*)\](:\d+)?$/.exec(host)?.[1] ?? host.replace(/:\d+$/, '');
  return isIP(name) !== 0 || LOCAL_NAME.test(name);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
