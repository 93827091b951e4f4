// Which requests belong to which pods, in the terms of the Gateway API. Within one pod the sidecar decides; the Gateway only
// has to find the pod that has the function, so a prefix is enough wherever no other pod has routes below it.
import type { PlannedFunction } from './project-plan.ts';

/** A match of an HTTPRoute. */
export interface PathMatch {
  path: { type: 'Exact' | 'PathPrefix' | 'RegularExpression'; value: string };
  method?: string;
}

interface Route {
  path: string;
  /** Empty: any. */
  methods: readonly string[];
}

/** Everything that a pod's functions answer over HTTP. */
function routesOf(functions: readonly PlannedFunction[], gatewayPath: string): Route[] {
  return functions.flatMap(({ http, cloudEvents, gateway }) => [
    ...http.map(({ path, methods }) => ({ path, methods })),
    ...cloudEvents.filter(({ path }) => path !== '').map(({ path }) => ({ path, methods: ['POST', 'OPTIONS'] })),
    ...gateway.map(({ api, version }) => ({ path: `${gatewayPath}/${api}/${version}`, methods: [] })),
  ]);
}

/** The matches for one pod's routes, beside those of the other pods. */
export function pathMatches(
  own: readonly PlannedFunction[],
  others: readonly PlannedFunction[],
  gatewayPath: string,
): PathMatch[] {
  const foreign = routesOf(others, gatewayPath);
  const matches = routesOf(own, gatewayPath).flatMap((route) => {
    const path = matchOf(route.path, foreign);
    const isShared = foreign.some((other) => shapeOf(other.path) === shapeOf(route.path));
    const methods = isShared ? withHead(route.methods) : [];
    return methods.length === 0 ? [{ path }] : methods.map((method) => ({ path, method }));
  });
  const seen = new Set<string>();
  return matches.filter((match) => {
    const key = JSON.stringify(match);
    return !seen.has(key) && seen.add(key);
  });
}

function matchOf(path: string, foreign: readonly Route[]): PathMatch['path'] {
  const prefix = staticPrefix(path);
  if (prefix === path) return { type: 'Exact', value: path };
  const disputed = foreign.some(({ path: other }) => {
    const otherPrefix = staticPrefix(other);
    return otherPrefix !== other && (isBelow(otherPrefix, prefix) || isBelow(prefix, otherPrefix));
  });
  return disputed ? { type: 'RegularExpression', value: expressionOf(path) } : { type: 'PathPrefix', value: prefix };
}

/** "/items/:id/image" → "/items"; a path without parameters is its own. */
function staticPrefix(path: string): string {
  const segments = path.split('/');
  const dynamic = segments.findIndex(isDynamic);
  return dynamic === -1 ? path : segments.slice(0, dynamic).join('/') || '/';
}

function isBelow(path: string, prefix: string): boolean {
  return prefix === '/' || path === prefix || path.startsWith(`${prefix}/`);
}

function isDynamic(segment: string): boolean {
  return /[:*]/.test(segment);
}

function shapeOf(path: string): string {
  return path.replace(/:[^/]+/g, ':');
}

function expressionOf(path: string): string {
  const segments = path.split('/').map((segment) => {
    if (segment.includes('*')) return '.*';
    return isDynamic(segment) ? '[^/]+' : segment.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return `^${segments.join('/')}$`;
}

/** Who answers GET answers HEAD. */
function withHead(methods: readonly string[]): string[] {
  return methods.includes('GET') && !methods.includes('HEAD') ? [...methods, 'HEAD'] : [...methods];
}
