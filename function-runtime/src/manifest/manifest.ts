import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ConfigProblem, ConfigProblems, type ConfigSource, readConfigFile, validate } from '@bottle/config-file';
import { manifestSchema, type RawFunction, type RawHttpEvent, type RawManifest } from './manifest-schema.ts';

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_INIT_TIMEOUT_MS = 30_000;
const DEFAULT_CONCURRENCY = 200;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
/** Triggers that this version turns into invocations. */
const SERVED_TRIGGERS = new Set(['http', 'apigw']);

interface HttpRouteSpec {
  /** Upper-case; empty for any. */
  methods: readonly string[];
  /** With `:name` and `*`. */
  path: string;
  host: string;
  stream: boolean;
  /** 0: the function's. */
  timeoutMs: number;
}

export interface FunctionSpec {
  name: string;
  /** "file.export" */
  handler: string;
  timeoutMs: number;
  initTimeoutMs: number;
  concurrency: number;
  idempotent: boolean;
  environment: Readonly<Record<string, string>>;
  http: readonly HttpRouteSpec[];
  /** Resources its bottle calls may reach; undefined when the author says nothing. */
  uses: readonly string[] | undefined;
}

export interface LayerSpec {
  name: string;
  /** "npm:package@version" or a path. */
  path: string;
}

/** A validated serverless.yml with every default filled in. */
export interface Manifest {
  service: string;
  functions: readonly FunctionSpec[];
  layers: readonly LayerSpec[];
  /** What is understood but has no effect in this version. */
  warnings: readonly string[];
}

/** Reads a project's serverless.yml (or f.yml). Throws ConfigProblems with everything that is wrong with it. */
export async function loadManifest(projectDir: string): Promise<Manifest> {
  const names = ['serverless.yml', 'serverless.yaml', 'f.yml'];
  const name = names.find((candidate) => existsSync(join(projectDir, candidate)));
  if (!name) {
    throw new ConfigProblems([
      { source: projectDir, path: '', message: `there is no serverless.yml in ${projectDir}` },
    ]);
  }
  const source = await readConfigFile(join(projectDir, name), name);
  return resolveManifest(source);
}

/** Validates parsed data, and what a schema cannot say: duplicate routes. */
function resolveManifest(source: ConfigSource): Manifest {
  const problems: ConfigProblem[] = [];
  let raw: RawManifest | undefined;
  try {
    raw = validate(manifestSchema, source);
  } catch (error) {
    if (!(error instanceof ConfigProblems)) throw error;
    problems.push(...error.problems);
  }
  problems.push(...duplicateRoutes(source));
  if (problems.length > 0 || !raw) throw new ConfigProblems(problems);

  const provider = raw.provider ?? {};
  const functions = Object.entries(raw.functions).map(([name, spec]) => resolveFunction(name, spec, provider));
  return {
    service: typeof raw.service === 'string' ? raw.service : raw.service.name,
    functions,
    layers: Object.entries(raw.layers ?? {}).map(([name, layer]) => ({ name: layer.name ?? name, path: layer.path })),
    warnings: warningsOf(raw),
  };
}

function resolveFunction(
  name: string,
  spec: RawFunction,
  provider: NonNullable<RawManifest['provider']>,
): FunctionSpec {
  return {
    name,
    handler: spec.handler,
    timeoutMs: toMs(spec.timeout ?? provider.timeout) ?? DEFAULT_TIMEOUT_MS,
    initTimeoutMs: toMs(spec.initTimeout ?? provider.initTimeout) ?? DEFAULT_INIT_TIMEOUT_MS,
    concurrency: spec.concurrency ?? provider.concurrency ?? DEFAULT_CONCURRENCY,
    idempotent: spec.idempotent ?? false,
    environment: toText({ ...provider.environment, ...spec.environment }),
    uses: spec.uses,
    http: (spec.events ?? []).flatMap(({ http, apigw }) =>
      [http, apigw].filter((route) => route !== undefined).map(resolveRoute),
    ),
  };
}

function resolveRoute(event: RawHttpEvent): HttpRouteSpec {
  return {
    methods: methodsOf(event.method),
    path: normalisePath(event.path),
    host: event.host ?? '',
    stream: event.stream,
    timeoutMs: toMs(event.timeout) ?? 0,
  };
}

/** Upper-case method names; any is empty. */
function methodsOf(method: unknown): string[] {
  const methods = (Array.isArray(method) ? method : [method ?? 'any']).map((item) => String(item).toUpperCase());
  return methods.includes('ANY') || methods.includes('ALL') ? [] : methods;
}

/** Serverless Framework's `{id}` and `{path+}` as `:id` and `*`. */
function normalisePath(path: string): string {
  return path.replace(/\{[\w-]+\+\}/g, '*').replace(/\{([\w-]+)\}/g, ':$1');
}

function toMs(value: string | number | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number') return Math.round(value * 1_000);
  const match = /^([\d.]+)(\w+)$/.exec(value);
  return Math.round(Number(match?.[1]) * (UNIT_MS[match?.[2] ?? ''] ?? 1));
}

function toText(values: Readonly<Record<string, string | number | boolean>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
}

/** Two routes that no request can tell apart, whatever their parameters are called. Works on data that is half wrong. */
function duplicateRoutes(source: ConfigSource): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const seen = new Map<string, string>();
  for (const { route, at, owner } of rawRoutes(source.data)) {
    const shape = normalisePath(route.path).replace(/:[^/]+/g, ':');
    const methods = methodsOf(route.method);
    for (const method of methods.length > 0 ? methods : ['any']) {
      const key = `${route.host} ${method} ${shape}`;
      const other = seen.get(key);
      if (other !== undefined) {
        const message = `${method === 'any' ? 'any method' : method} ${route.path} is answered by ${other} already`;
        problems.push({ ...source.locate(at), path: at.join('.'), message });
      } else {
        seen.set(key, owner);
      }
    }
  }
  return problems;
}

function* rawRoutes(data: unknown) {
  const functions = asRecord(asRecord(data)['functions']);
  for (const [owner, spec] of Object.entries(functions)) {
    const events = asRecord(spec)['events'];
    for (const [index, event] of (Array.isArray(events) ? events : []).entries()) {
      for (const kind of ['http', 'apigw']) {
        const route = asRecord(asRecord(event)[kind]);
        if (typeof route['path'] !== 'string') continue;
        const at = ['functions', owner, 'events', index, kind, 'path'];
        const host = typeof route['host'] === 'string' ? route['host'] : '';
        yield { owner, at, route: { path: route['path'], method: route['method'], host } };
      }
    }
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function warningsOf(raw: RawManifest): string[] {
  const warnings: string[] = [];
  for (const [name, spec] of Object.entries(raw.functions)) {
    for (const event of spec.events ?? []) {
      const [trigger] = Object.keys(event);
      if (trigger && !SERVED_TRIGGERS.has(trigger))
        warnings.push(`functions.${name}: the ${trigger} trigger is not served by this version`);
      if ((event.http ?? event.apigw)?.cors) warnings.push(`functions.${name}: cors has no effect in this version`);
    }
  }
  for (const key of ['aggregation', 'package', 'deployType'] as const) {
    if (raw[key] !== undefined) warnings.push(`${key}: has no effect in this version`);
  }
  return warnings;
}
