import { type Document, isMap, parseDocument, visit } from 'yaml';
import { RenderProblem } from './render-problem.ts';

/** Where the Secret’s keys are files, for `${file:…}` references. */
export const SECRETS_DIR = '/etc/bottle/secrets';

const REFERENCE = /\$\{(?:file:([^}]+)|([A-Za-z_]\w*)(:-[^}]*)?)\}/g;
const DEFAULT_PROPAGATION_MS = 15_000;
const DEFAULT_GATEWAY_PATH = '/gw';

/** A value that the sidecar looks up when it starts. */
export interface Reference {
  /** Of the environment variable, or of the file below SECRETS_DIR. */
  name: string;
  /** There is a default. */
  optional: boolean;
}

/** What the manifests must know of a sidecar.yml; the sidecar itself validates it. */
export interface OperatorFile {
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
  hasResources: boolean;
  /** Where signed requests are sent to. */
  gatewayPath: string;
  /** The settings of a resource, as they are written. */
  resource(capability: string, name: string): Readonly<Record<string, unknown>> | undefined;
}

/** Reads a sidecar.yml without resolving its references. Throws RenderProblem when it is no YAML mapping. */
export function parseOperatorFile(text: string, name: string): OperatorFile {
  const document = parseDocument(text, { prettyErrors: true });
  const [error] = document.errors;
  if (error) throw new RenderProblem(`${name}: ${error.message}`);
  if (document.contents !== null && !isMap(document.contents))
    throw new RenderProblem(`${name}: expected a mapping of settings`);
  const data = (document.toJS() ?? {}) as Settings;
  const { variables, files } = referencesOf(document, name);
  return {
    text,
    variables,
    files,
    propagationMs: numberOf(data.drain?.propagationMs) ?? DEFAULT_PROPAGATION_MS,
    budgetMs: numberOf(data.drain?.budgetMs),
    rpcEnabled: String(data.rpc?.enabled) === 'true',
    hasResources: Object.keys(data.resources ?? {}).length > 0,
    gatewayPath: typeof data.gateway?.path === 'string' ? data.gateway.path : DEFAULT_GATEWAY_PATH,
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
  gateway?: { path?: unknown };
  resources?: Record<string, Record<string, Record<string, unknown>>>;
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
