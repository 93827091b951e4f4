import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  type ConfigProblem,
  ConfigProblems,
  type ConfigSource,
  readConfigFile,
  resolveVariables,
  validate,
} from '@bottle/config-file';
import type { Cors__Output } from '@bottle/protos';
import { type FunctionGroup, noFunction, resolveGroups } from './aggregation.ts';
import { loadRpc, type RpcMethods } from '../rpc/load-rpc.ts';
import { resolveCors } from './cors-schema.ts';
import { toMs } from './field-schemas.ts';
import { consumerProblems } from './consumer-problems.ts';
import { gatewayProblems } from './gateway-problems.ts';
import { manifestSchema, type RawFunction, type RawManifest } from './manifest-schema.ts';
import { type NeededResource, neededResources, usedResources } from './needed-resources.ts';
import { methodsOf, normalisePath, resolveTriggers, type TriggerSpecs } from './resolve-triggers.ts';
import { timerProblems } from './timer-problems.ts';

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_INIT_TIMEOUT_MS = 30_000;
const DEFAULT_CONCURRENCY = 200;
/** Triggers that this version turns into invocations. */
const SERVED_TRIGGERS = new Set(['http', 'apigw', 'mq', 'timer', 'rpc', 'cloudevents', 'mtop']);

export interface FunctionSpec {
  name: string;
  /** "file.export" */
  handler: string;
  /** Of the handler, in the manifest's file; undefined where that is not known. */
  line: number | undefined;
  timeoutMs: number;
  initTimeoutMs: number;
  concurrency: number;
  idempotent: boolean;
  /** Whether results that do not stream get an ETag. */
  etag: boolean;
  environment: Readonly<Record<string, string>>;
  triggers: TriggerSpecs;
  /** Megabytes that a pod with it must have; undefined when the author says nothing. */
  memoryMb: number | undefined;
  /** Resources its bottle calls may reach; undefined when the author says nothing. */
  uses: readonly string[] | undefined;
  /** All that its pod must have for it. */
  needs: readonly NeededResource[];
}

export interface LayerSpec {
  name: string;
  /** "npm:package@version" or a path. */
  path: string;
  /** What its start needs. */
  uses: readonly string[];
  needs: readonly NeededResource[];
}

/** What the author says of the project's packaging, as it is written. */
interface PackagingSpec {
  include: readonly string[];
  exclude: readonly string[];
  external: readonly string[];
  /** "5mb", or bytes. */
  budget: string | number | undefined;
  minify: boolean;
}

/** A validated serverless.yml with every default filled in. */
export interface Manifest {
  service: string;
  functions: readonly FunctionSpec[];
  layers: readonly LayerSpec[];
  /** Which functions share a pod. */
  groups: readonly FunctionGroup[];
  /** What the `rpc` triggers are for. */
  rpc: RpcMethods;
  /** Which pages may use the routes that do not say it themselves, and read what is said of paths that nobody answers. */
  cors: Cors__Output | null;
  /** The manifest's name in the project: "serverless.yml". */
  file: string;
  /** Files that it takes values from, relative to the project. */
  includes: readonly string[];
  /** What `bottle build` is told; the runtime has no use for it. */
  packaging: PackagingSpec;
  /** What is understood but has no effect in this version. */
  warnings: readonly string[];
}

const FILE_NAMES = ['serverless.yml', 'serverless.yaml', 'f.yml'];

export interface LoadManifestOptions {
  /** For ${env:NAME}. */
  env?: Readonly<Record<string, string | undefined>>;
  onFile?(path: string): void;
  /** Whether who reads the messages may see values of the file. */
  showsValues?: boolean;
}

/**
 * Reads a project's serverless.yml (or f.yml), and tells of each file before it is read. Throws ConfigProblems with
 * everything that is wrong with it.
 */
export async function loadManifest(
  projectDir: string,
  { env = {}, onFile = () => {}, showsValues = false }: LoadManifestOptions = {},
): Promise<Manifest> {
  for (const candidate of FILE_NAMES) onFile(join(projectDir, candidate));
  const name = FILE_NAMES.find((candidate) => existsSync(join(projectDir, candidate)));
  if (!name) {
    throw new ConfigProblems([
      { source: projectDir, path: '', message: `there is no serverless.yml in ${projectDir}` },
    ]);
  }
  const written = await readConfigFile(join(projectDir, name), { name, showsValues });
  const includes = new Set<string>();
  const { source, problems: unresolved } = await resolveVariables(written, {
    env,
    projectDir,
    onFile(path) {
      includes.add(path);
      onFile(path);
    },
  });
  const { rpc, problems } = await loadRpc(source, projectDir, onFile);
  const manifest = resolveManifest(source, rpc, [...unresolved, ...problems, ...(await timerProblems(source))]);
  return { ...manifest, file: name, includes: [...includes].map((path) => relative(projectDir, path)) };
}

/** What the pod must have for all of it. */
export function needsOf({ functions, layers }: Manifest): NeededResource[] {
  return [...functions, ...layers].flatMap(({ needs }) => needs);
}

/**
 * The manifest with those functions alone, so that a pod serves only its group. `names` is separated by commas and comes
 * from `source`; empty: all. Throws ConfigProblems for a name that is no function's.
 */
export function selectFunctions(manifest: Manifest, names: string, source: string): Manifest {
  const wanted = names.split(',').flatMap((name) => name.trim() || []);
  if (wanted.length === 0) return manifest;
  const known = manifest.functions.map(({ name }) => name);
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new ConfigProblems(unknown.map((name) => ({ source, path: '', message: noFunction(name, known) })));
  return { ...manifest, functions: manifest.functions.filter(({ name }) => wanted.includes(name)) };
}

/** Validates parsed data, and what a schema cannot say: duplicate routes, groups. */
function resolveManifest(
  source: ConfigSource,
  rpc: RpcMethods,
  triggerProblems: readonly ConfigProblem[],
): Omit<Manifest, 'file' | 'includes'> {
  const problems: ConfigProblem[] = [];
  let raw: RawManifest | undefined;
  try {
    raw = validate(manifestSchema, source);
  } catch (error) {
    if (!(error instanceof ConfigProblems)) throw error;
    problems.push(...error.problems);
  }
  problems.push(
    ...twoCors(source),
    ...duplicateRoutes(source),
    ...gatewayProblems(source),
    ...consumerProblems(source),
  );
  problems.push(...triggerProblems);
  const aggregated = raw ? resolveGroups(raw, source) : undefined;
  problems.push(...(aggregated?.problems ?? []));
  if (problems.length > 0 || !raw || !aggregated) throw new ConfigProblems(problems);

  const provider = raw.provider ?? {};
  const service = typeof raw.service === 'string' ? raw.service : raw.service.name;
  const cors = resolveCors(raw.http?.cors ?? provider.httpApi?.cors, null);
  return {
    service,
    cors,
    functions: Object.entries(raw.functions).map(([name, spec]) =>
      resolveFunction({ service, name, spec, provider, cors, source }),
    ),
    layers: Object.entries(raw.layers ?? {}).map(([key, { name = key, path, uses = [] }]) => ({
      name,
      path,
      uses,
      needs: usedResources(source, `the layer ${name}`, ['layers', key], uses),
    })),
    groups: aggregated.groups,
    rpc,
    packaging: {
      include: raw.package?.include ?? [],
      exclude: raw.package?.exclude ?? [],
      external: raw.custom?.build?.external ?? [],
      budget: raw.custom?.build?.budget,
      minify: raw.custom?.build?.minify ?? false,
    },
    warnings: [...warningsOf(raw), ...aggregated.warnings],
  };
}

function resolveFunction({
  service,
  name,
  spec,
  provider,
  cors,
  source,
}: {
  service: string;
  name: string;
  spec: RawFunction;
  provider: NonNullable<RawManifest['provider']>;
  cors: Cors__Output | null;
  source: ConfigSource;
}): FunctionSpec {
  return {
    name,
    handler: spec.handler,
    line: source.locate(['functions', name, 'handler']).line,
    timeoutMs: toMs(spec.timeout ?? provider.timeout) ?? DEFAULT_TIMEOUT_MS,
    initTimeoutMs: toMs(spec.initTimeout ?? provider.initTimeout) ?? DEFAULT_INIT_TIMEOUT_MS,
    concurrency: spec.concurrency ?? provider.concurrency ?? DEFAULT_CONCURRENCY,
    idempotent: spec.idempotent ?? false,
    etag: spec.etag ?? provider.etag ?? true,
    environment: { ...provider.environment, ...spec.environment },
    memoryMb: spec.memorySize ?? provider.memorySize,
    uses: spec.uses,
    needs: neededResources(source, name, spec),
    triggers: resolveTriggers(service, name, spec.events ?? [], cors),
  };
}

/** One rule for the service, in two places. */
function twoCors(source: ConfigSource): ConfigProblem[] {
  const data = asRecord(source.data);
  const { cors } = asRecord(asRecord(asRecord(data['provider'])['httpApi']));
  if (cors === undefined || asRecord(data['http'])['cors'] === undefined) return [];
  const at = ['provider', 'httpApi', 'cors'];
  return [{ ...source.locate(at), path: at.join('.'), message: 'the same as http.cors: give one of them' }];
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
    }
  }
  if (raw.deployType !== undefined) warnings.push('deployType: has no effect in this version');
  if (raw.package?.artifact !== undefined) warnings.push('package.artifact: has no effect in this version');
  return warnings;
}
