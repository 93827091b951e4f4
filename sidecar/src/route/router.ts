import {
  BottleError,
  Code,
  type FunctionInfo,
  type FunctionTable__Output,
  type Idempotency__Output,
} from '@bottle/protos';
import findMyWay, { type HTTPMethod } from 'find-my-way';
import { CorsRule, preflightOf } from '../cors-rule.ts';
import type { HttpHead, Invocation, Routed } from '../layer.ts';

/** The optional parameter at the end of a path. */
const OPTIONAL = /:([^/:()]+)\?$/;
/** Longer than any path that fits the request head, so that no parameter is refused for its length. */
const MAX_PARAM_LENGTH = 64 * 1024;

interface Route {
  function: FunctionInfo;
  path: string;
  timeoutMs: number;
  streamsBody: boolean;
  idempotency: Idempotency__Output | null;
  cors: CorsRule | undefined;
  /** It was written for any method, so not for the questions of browsers. */
  isForAny: boolean;
  /** `/:id?`: the parameter may be empty. */
  optional: string | undefined;
}

interface Match {
  store: Route;
  params: Record<string, string | undefined>;
}

type Tree = findMyWay.Instance<findMyWay.HTTPVersion.V1>;

/** The routes of one host pattern. */
interface HostRoutes {
  matches(host: string): boolean;
  tree: Tree;
}

/**
 * Finds the function for a request: exact hosts before wildcard hosts before none; then static segments before
 * parameters before wildcards. A table is never changed, only replaced.
 */
export class Router {
  readonly #hosts: HostRoutes[];
  readonly #functions: Map<string, FunctionInfo>;
  readonly #methods: Set<string>;
  readonly #serviceCors: CorsRule | undefined;
  /** Routes that are not served, and why: patterns that are none, or that some path would keep matching for hours. */
  readonly problems: string[] = [];

  constructor(table: FunctionTable__Output) {
    this.#functions = new Map(table.functions.map((info) => [info.name, info]));
    const methods = new Set<string>(findMyWayMethods());
    this.#methods = methods;
    this.#serviceCors = table.cors ? new CorsRule(table.cors) : undefined;
    const byHost = new Map<string, HostRoutes>();
    for (const info of table.functions) {
      for (const route of info.http) {
        const host = byHost.get(route.host) ?? { matches: hostMatcher(route.host), tree: newTree() };
        byHost.set(route.host, host);
        const wanted = route.methods.length > 0 ? route.methods : [...methods];
        const timeoutMs = route.timeoutMs > 0 ? Math.min(route.timeoutMs, info.timeoutMs) : info.timeoutMs;
        const { path, stream: streamsBody, idempotency } = route;
        const cors = route.cors ? new CorsRule(route.cors) : undefined;
        const isForAny = route.methods.length === 0;
        const optional = OPTIONAL.exec(path)?.[1];
        const store: Route = { function: info, path, timeoutMs, streamsBody, idempotency, cors, isForAny, optional };
        try {
          host.tree.on(wanted as HTTPMethod[], route.path, noop, store);
        } catch (error) {
          this.problems.push(`${info.name}: ${route.path}: ${(error as Error).message}`);
        }
      }
    }
    const order = ([a]: [string, HostRoutes], [b]: [string, HostRoutes]): number =>
      rank(a) - rank(b) || b.length - a.length;
    this.#hosts = [...byHost].sort(order).map(([, routes]) => routes);
  }

  /** The function and its parameters. Throws NOT_FOUND, or UNIMPLEMENTED with `details.allow` for a wrong method. */
  route(invocation: Invocation): Routed {
    const { target } = invocation;
    if (target.kind === 'event') {
      return this.#byName(invocation, target.function, target.idempotency?.rule ?? null);
    }
    const { http } = target;
    const match = this.#find(http.method, http) ?? (http.method === 'HEAD' ? this.#find('GET', http) : undefined);
    if (!match) throw this.#refusal(http);
    const route = match.store;
    if (http.method === 'OPTIONS' && route.cors && route.isForAny && preflightOf(http.headers))
      throw this.#refusal(http);
    return {
      invocation,
      function: route.function,
      params: flatten(match.params),
      route: route.path,
      timeoutMs: route.timeoutMs,
      streamsBody: route.streamsBody,
      idempotency: route.idempotency,
      cors: route.cors,
    };
  }

  /**
   * The rule for a request that no function has answered: that of the route for this method, else that of another method
   * of the path; for a path that nobody answers that of the service.
   */
  corsOf(http: HttpHead, method: string): CorsRule | undefined {
    const match = this.#find(method, http);
    if (match) return match.store.cors;
    const others = [...this.#methods].flatMap((each) => this.#find(each, http) ?? []);
    if (others.length === 0) return this.#serviceCors;
    return others.find(({ store }) => store.cors)?.store.cors;
  }

  /** The methods that a path answers, for Allow; empty when the path is unknown. */
  allowedMethods(http: HttpHead): string[] {
    const allowed = [...this.#methods].filter((method) => this.#find(method, http));
    if (allowed.length === 0) return [];
    if (allowed.includes('GET')) allowed.push('HEAD');
    return [...new Set([...allowed, 'OPTIONS'])].sort();
  }

  #byName(invocation: Invocation, name: string, idempotency: Idempotency__Output | null): Routed {
    const info = this.#functions.get(name);
    if (!info) throw new BottleError(Code.NOT_FOUND, 'no-function', `there is no function "${name}"`);
    const { timeoutMs } = info;
    return {
      invocation,
      function: info,
      params: [],
      route: '',
      timeoutMs,
      streamsBody: false,
      idempotency,
      cors: undefined,
    };
  }

  #find(method: string, http: HttpHead): Match | undefined {
    for (const host of this.#hosts) {
      if (!host.matches(http.host)) continue;
      const match = host.tree.find(method as HTTPMethod, http.url);
      if (match && !hasEmpty(match)) return match;
    }
    return undefined;
  }

  #refusal(http: HttpHead): BottleError {
    const allow = this.allowedMethods(http);
    if (allow.length === 0) return new BottleError(Code.NOT_FOUND, 'no-route', 'no function answers this path');
    const message = `this path answers ${allow.join(', ')}`;
    return new BottleError(Code.UNIMPLEMENTED, 'method-not-allowed', message, { details: { allow }, httpStatus: 405 });
  }
}

/** Whether a segment that a parameter stands for is empty: "/hello/" is no match for "/hello/:name". */
function hasEmpty({ store, params }: Match): boolean {
  for (const name in params) if (params[name] === '' && name !== '*' && name !== store.optional) return true;
  return false;
}

function newTree(): Tree {
  return findMyWay({ maxParamLength: MAX_PARAM_LENGTH });
}

function findMyWayMethods(): string[] {
  return ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];
}

function noop(): void {}

function rank(host: string): number {
  if (host === '') return 2;
  return host.startsWith('*.') ? 1 : 0;
}

function hostMatcher(pattern: string): (host: string) => boolean {
  if (pattern === '') return () => true;
  const wanted = pattern.toLowerCase();
  if (wanted.startsWith('*.')) {
    const suffix = wanted.slice(1);
    return (host) => host.length > suffix.length && host.endsWith(suffix);
  }
  return (host) => host === wanted;
}

function flatten(params: Record<string, string | undefined>): string[] {
  const flat: string[] = [];
  for (const name in params) flat.push(name, params[name] ?? '');
  return flat;
}
