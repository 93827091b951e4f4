import type { Manifest } from './manifest.ts';
import { labelsOf, metadataOf } from './metadata.ts';
import { type PodPlan, PORTS } from './pod-plan.ts';
import type { RenderOptions } from './render-options.ts';
import { pathMatches } from './route-matches.ts';

/** The Gateway API's limits: matches of a rule (8 before version 1.2), and rules of a route. */
const MATCHES_PER_RULE = 8;
const RULES_PER_ROUTE = 16;

export interface RoutesOptions {
  /** All pods that routes lead to. */
  pods: readonly PodPlan[];
  gatewayPath: string;
  options: RenderOptions;
}

/** How requests from outside find this pod's functions. */
export function routes(pod: PodPlan, { pods, gatewayPath, options }: RoutesOptions): Manifest[] {
  const others = pods.filter((other) => other !== pod);
  const takesTheRest = others.length === 0 || pod.group.source === 'rest';
  const matches = pathMatches(
    pod.functions,
    others.flatMap(({ functions }) => functions),
    gatewayPath,
  );
  const named = pod.functions.flatMap(({ http }) => http.flatMap(({ host }) => (host === '' ? [] : [host])));
  const hosts = options.hosts.length === 0 ? [] : [...new Set([...options.hosts, ...named])];
  const backendRefs = [{ name: pod.name, port: 80 }];
  const rules = takesTheRest
    ? [{ matches: [{ path: { type: 'PathPrefix', value: '/' } }], backendRefs }]
    : chunks(matches, MATCHES_PER_RULE).map((some) => ({ matches: some, backendRefs }));
  const why = takesTheRest
    ? others.length === 0
      ? 'Leads requests from outside to these pods; the sidecar knows the routes.'
      : 'Leads requests from outside to these pods that no other group has a route for; unknown ones are answered there.'
    : 'Leads the requests from outside that are for this group to its pods.';
  const http = chunks(rules, RULES_PER_ROUTE).map(
    (some, index): Manifest => ({
      comment: `${why}\nIt belongs to the Gateway ${gatewayText(options)}, which the cluster's operator has set up.`,
      object: {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'HTTPRoute',
        metadata: metadataOf(index === 0 ? pod.name : `${pod.name}-${index + 1}`, labelsOf(pod), options),
        spec: { parentRefs: [parentRef(options)], ...hostnames(hosts), rules: some },
      },
    }),
  );
  return [...http, ...grpcRoutes(pod, options)];
}

function grpcRoutes(pod: PodPlan, options: RenderOptions): Manifest[] {
  const methods = pod.functions.flatMap(({ rpc }) =>
    rpc.map(({ service, method }) => ({ method: { service, method } })),
  );
  const rules = chunks(methods, MATCHES_PER_RULE).map((matches) => ({
    matches,
    backendRefs: [{ name: pod.name, port: PORTS.rpc }],
  }));
  return chunks(rules, RULES_PER_ROUTE).map((some, index) => ({
    comment: `Leads gRPC calls from outside to the functions that answer them. A Gateway keeps HTTP and gRPC apart by host.`,
    object: {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GRPCRoute',
      metadata: metadataOf(index === 0 ? pod.name : `${pod.name}-${index + 1}`, labelsOf(pod), options),
      spec: {
        parentRefs: [parentRef(options)],
        ...hostnames(options.hosts.map((host) => `grpc.${host}`)),
        rules: some,
      },
    },
  }));
}

function parentRef({ gateway }: RenderOptions): object {
  return { name: gateway.name, ...(gateway.namespace === undefined ? {} : { namespace: gateway.namespace }) };
}

function gatewayText({ gateway }: RenderOptions): string {
  return gateway.namespace === undefined ? gateway.name : `${gateway.namespace}/${gateway.name}`;
}

function hostnames(hosts: readonly string[]): object {
  return hosts.length === 0 ? {} : { hostnames: hosts };
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
