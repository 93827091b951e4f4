import { type Document, isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { RenderProblem } from './render-problem.ts';

/** Where the Secret’s keys are files, for `${file:…}` references. */
export const SECRETS_DIR = '/etc/bottle/secrets';

const REFERENCE = /\$\{(?:file:([^}]+)|([A-Za-z_]\w*)(:-[^}]*)?)\}/g;
const DEFAULT_PROPAGATION_MS = 15_000;
const DEFAULT_GATEWAY_PATH = '/gw';
const DEFAULT_TIMERS_LOCK = 'timers';
const DEFAULT_SESSIONS = 'sessions';

/** A value that the sidecar looks up when it starts. */
export interface Reference {
  /** Of the environment variable, or of the file below SECRETS_DIR. */
  name: string;
  /** There is a default. */
  optional: boolean;
}

/** A resource as the operator has written it. */
export interface OperatorResource {
  capability: string;
  name: string;
  settings: Readonly<Record<string, unknown>>;
  /** From 1 on. */
  line: number;
}

/** What the manifests must know of a sidecar.yml; the sidecar itself validates it. */
export interface OperatorFile {
  /** As messages call it. */
  name: string;
  /** Empty when there is none. */
  text: string;
  /** From the environment: `${REDIS_URL}`. */
  variables: readonly Reference[];
  /** From files: `${file:/etc/bottle/secrets/ca.pem}`. */
  files: readonly Reference[];
  propagationMs: number;
  /** Undefined when the operator leaves it open. */
  budgetMs: number | undefined;
  rpcEnabled: boolean;
  /** Without any, embedded drivers serve every name. */
  resources: readonly OperatorResource[];
  /** Where signed requests are sent to. */
  gatewayPath: string;
  /** "cache.sessions", where a function's need is that, or the setting that names it: "timers.lock", "gateway.sessions". */
  resourceOf(need: string): string;
  /** The settings of a resource, as they are written. */
  resource(capability: string, name: string): Readonly<Record<string, unknown>> | undefined;
}

/** Reads a sidecar.yml without resolving its references. Throws RenderProblem when it is no YAML mapping. */
export function parseOperatorFile(text: string, name: string): OperatorFile {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { prettyErrors: true, lineCounter });
  const [error] = document.errors;
  if (error) throw new RenderProblem(`${name}: ${error.message}`);
  if (document.contents !== null && !isMap(document.contents))
    throw new RenderProblem(`${name}: expected a mapping of settings`);
  const data = (document.toJS() ?? {}) as Settings;
  const { variables, files } = referencesOf(document, name);
  const lock = textOf(data.timers?.lock) ?? DEFAULT_TIMERS_LOCK;
  const sessions = textOf(data.gateway?.sessions) ?? DEFAULT_SESSIONS;
  return {
    name,
    text,
    variables,
    files,
    propagationMs: numberOf(data.drain?.propagationMs) ?? DEFAULT_PROPAGATION_MS,
    budgetMs: numberOf(data.drain?.budgetMs),
    rpcEnabled: String(data.rpc?.enabled) === 'true',
    resources: resourcesOf(document, data, lineCounter),
    gatewayPath: typeof data.gateway?.path === 'string' ? data.gateway.path : DEFAULT_GATEWAY_PATH,
    resourceOf: (need) =>
      need === 'timers.lock'
        ? `lock.${lock}`
        : need === 'gateway.sessions'
          ? `cache.${sessions.replace(/^cache\./, '')}`
          : need,
    resource: (capability, resource) => data.resources?.[capability]?.[resource],
  };
}

/** The same text, comments and all, with further resources that the operator has not written. */
export function addResources(
  { text }: OperatorFile,
  capability: string,
  resources: Readonly<Record<string, object>>,
): string {
  if (Object.keys(resources).length === 0) return text;
  const document = parseDocument(text);
  for (const [name, settings] of Object.entries(resources))
    document.setIn(['resources', capability, name], document.createNode(settings, { flow: true }));
  return document.toString({ lineWidth: 0 });
}

interface Settings {
  drain?: { propagationMs?: unknown; budgetMs?: unknown };
  rpc?: { enabled?: unknown };
  gateway?: { path?: unknown; sessions?: unknown };
  timers?: { lock?: unknown };
  resources?: Record<string, Record<string, Record<string, unknown>>>;
}

function resourcesOf(document: Document, { resources }: Settings, lineCounter: LineCounter): OperatorResource[] {
  return Object.entries(resources ?? {}).flatMap(([capability, named]) => {
    const written: unknown = document.getIn(['resources', capability], true);
    const keys = isMap(written) ? written.items.map(({ key }) => key).filter((key) => isScalar(key)) : [];
    return Object.entries(isMap(written) ? named : {}).map(([name, settings]) => {
      const key = keys.find(({ value }) => value === name);
      return { capability, name, settings: settings ?? {}, line: lineCounter.linePos(key?.range?.[0] ?? 0).line };
    });
  });
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function referencesOf(document: Document, name: string): { variables: Reference[]; files: Reference[] } {
  const variables = new Map<string, Reference>();
  const files = new Map<string, Reference>();
  visit(document, {
    Scalar(_key, { value }) {
      if (typeof value !== 'string') return;
      for (const [whole, file, variable, fallback] of value.matchAll(REFERENCE)) {
        if (file === undefined) {
          const optional = fallback !== undefined && variables.get(variable ?? '')?.optional !== false;
          variables.set(variable ?? '', { name: variable ?? '', optional });
        } else {
          const key = file.startsWith(`${SECRETS_DIR}/`) ? file.slice(SECRETS_DIR.length + 1) : '';
          if (!/^[\w.-]+$/.test(key))
            throw new RenderProblem(
              `${name}: ${whole} is not in the pod; the Secret’s keys are files in ${SECRETS_DIR}/`,
            );
          files.set(key, { name: key, optional: false });
        }
      }
    },
  });
  return { variables: [...variables.values()], files: [...files.values()] };
}
