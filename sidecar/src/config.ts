import { z } from 'zod';
import { milliseconds } from './milliseconds.ts';
import { cloudEventsSchema, gatewaySchema } from './protocols-config.ts';
import { resourcesSchema } from './resources-config.ts';

const MIB = 1024 * 1024;
const port = z.int().min(0).max(65_535);
const bytes = z.int().min(0);
const count = z.int().min(1);

const section = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape).prefault({} as never);

const settingsSchema = z.strictObject({
  http: section({
    port: port.default(8080).describe('Port of the HTTP ingress; 0 takes a free one.'),
    host: z.string().default('0.0.0.0').describe('Address of the HTTP ingress.'),
    tls: section({
      cert: z
        .string()
        .default('')
        .describe('Certificate chain of the HTTP ingress, as PEM text: HTTP/2 and HTTP/1.1 with TLS. Empty: no TLS.'),
      key: z.string().default('').describe('Its key, as PEM text.'),
    }),
    compression: section({
      enabled: z
        .boolean()
        .default(true)
        .describe('Compress responses for clients that ask for it; see docs/functions.md.'),
      minBytes: bytes.default(1024).describe('Smaller bodies are sent as they are.'),
    }),
    maxConcurrentStreams: count.default(128).describe('Most requests under way on one HTTP/2 connection.'),
  }),
  http2: section({
    enabled: z.boolean().default(false).describe('Speak HTTP/2 without TLS (h2c, by prior knowledge) on a port.'),
    port: port.default(8082).describe('Port of h2c; 0 takes a free one.'),
    host: z.string().default('0.0.0.0').describe('Address of h2c.'),
  }),
  admin: section({
    port: port.default(9901).describe('Port of the admin endpoints; 0 takes a free one.'),
    host: z.string().default('127.0.0.1').describe('Address of the admin endpoints.'),
    token: z
      .string()
      .default('')
      .describe('What operators and the CLI must show, except for probes, hooks and metrics; empty: nothing.'),
  }),
  metrics: section({
    enabled: z.boolean().default(false).describe('Offer /metrics on a port of its own, besides the admin port.'),
    port: port.default(9464).describe('Port of /metrics; 0 takes a free one.'),
    host: z.string().default('0.0.0.0').describe('Address of /metrics.'),
  }),
  rpc: section({
    enabled: z
      .union([z.boolean(), z.enum(['auto', 'true', 'false'])])
      .default('auto')
      .describe(
        'The gRPC server. `auto`: listens as soon as a function has an rpc trigger. `true`: from the start, and offers all functions of this pod to other services, as bottle.v1.Functions. `false`: never.',
      ),
    port: port.default(9090).describe('Port of the gRPC server; 0 takes a free one.'),
    host: z.string().default('0.0.0.0').describe('Address of the gRPC server.'),
    tls: section({
      cert: z.string().default('').describe('Certificate chain, as PEM text; empty: no TLS.'),
      key: z.string().default('').describe('Its key, as PEM text.'),
      clientCa: z
        .string()
        .default('')
        .describe('Who signs the clients that may call, as PEM text; empty: anybody may.'),
    }),
  }),
  socketDir: z
    .string()
    .default('/tmp/bottle')
    .describe('Directory of runtime.sock and sidecar.sock, shared with the function container.'),
  dataDir: z
    .string()
    .default('/tmp/bottle/data')
    .describe('Directory of the files that embedded drivers keep: databases, queues, configuration.'),
  grants: z
    .enum(['enforce', 'warn'])
    .default('enforce')
    .describe('What a function without a `uses` list may use: nothing, or everything with a warning.'),
  limits: section({
    maxBodyBytes: bytes
      .default(10 * MIB)
      .describe('Largest request body that is collected for a function; 413 beyond.'),
    maxStreamBytes: bytes.default(0).describe('Largest request body of a route with `stream: true`; 0 means no limit.'),
    maxDecodedRatio: z
      .int()
      .min(0)
      .default(100)
      .describe(
        'Most bytes that a compressed request body may become for each byte sent, beyond the first MiB; 413 beyond; 0 means no limit.',
      ),
    maxHeaderBytes: count.default(16 * 1024).describe('Largest request head; 431 beyond.'),
    headersTimeoutMs: milliseconds.default(10_000).describe('Time for a request head to arrive; 408 beyond.'),
    requestTimeoutMs: count
      .default(30_000)
      .describe('Longest wait for a route table before the function, and so its `timeout`, is known.'),
    keepAliveTimeoutMs: milliseconds.default(72_000).describe('How long an idle connection is kept.'),
    maxConnections: z.int().min(0).default(0).describe('Most open client connections; 0 means no limit.'),
  }),
  queue: section({
    maxWaitingForRuntime: z
      .int()
      .min(0)
      .default(10_000)
      .describe('Most requests that wait while the function container starts or restarts; 503 beyond.'),
    maxWaitMs: milliseconds.default(10_000).describe('Longest such wait; 503 beyond.'),
    maxWaitingPerFunction: z
      .int()
      .min(0)
      .default(10_000)
      .describe(
        'Most requests that wait for a free place of a function (`concurrency`), if they could be done in time and their bodies have no more than 128 MiB; 503 beyond.',
      ),
  }),
  drain: section({
    propagationMs: milliseconds
      .default(15_000)
      .describe('How long a draining pod keeps serving while load balancers learn of it.'),
    budgetMs: milliseconds.default(60_000).describe('Longest wait for requests under way after that.'),
  }),
  channel: section({
    batching: z
      .boolean()
      .default(true)
      .describe('Use the batched stream. `false`: one unary gRPC call per invocation.'),
    bodyThresholdBytes: bytes
      .default(128 * 1024)
      .describe('Larger bodies take a stream of their own. The lower of both processes’ figures counts.'),
    maxPending: count.default(16_384).describe('Most invocations under way on the channel; 503 beyond.'),
    pings: z
      .boolean()
      .default(true)
      .describe(
        'Whether a function container that is silent for 2 s on a connection, but greets a fresh one, or is silent for 6 s at all, loses its connection. Off under a debugger.',
      ),
  }),
  timers: section({
    lock: z
      .string()
      .regex(/^[A-Za-z][\w-]*$/, 'expected the name of a lock resource')
      .default('timers')
      .describe('The `lock` resource by which the pods agree on who fires a schedule; see docs/triggers.md.'),
    leaseMs: z
      .int()
      .min(500)
      .max(600_000)
      .default(5_000)
      .describe('How long a pod that says nothing still counts as there; then others take over what it had claimed.'),
  }),
  log: section({
    level: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
      .default('info')
      .describe('Lowest level that is written.'),
    access: z.boolean().default(true).describe('Write one line per request.'),
    turnStackMs: milliseconds
      .default(0)
      .describe('For development: turns of the event loop longer than this are logged with their stack. 0: none.'),
  }),
  cloudevents: cloudEventsSchema,
  gateway: gatewaySchema,
  resources: resourcesSchema.prefault({}).describe('What functions use by name; see docs/bottle-sdk.md.'),
});

/** The shape of sidecar.yml. `docs/configuration.md` and `sidecar.schema.json` are made from the descriptions here. */
export const sidecarConfigSchema = settingsSchema.superRefine(({ http, gateway, resources }, context) => {
  const complain = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
  if ((http.tls.cert === '') !== (http.tls.key === '')) {
    complain(['http', 'tls'], 'expected cert and key together');
  }
  // Without any resource configured, the embedded drivers serve every name.
  const configured = Object.values(resources).some((named) => Object.keys(named).length > 0);
  if (!configured || Object.keys(gateway.apps).length === 0) return;
  if (!Object.hasOwn(resources.cache, gateway.nonces)) complain(['gateway', 'nonces'], missingCache(gateway.nonces));
});

/** What a protocol says that needs a cache. */
export function missingCache(name: string): string {
  const line = `resources: { cache: { ${name}: { driver: … } } }`;
  return `there is no resource cache.${name}: add \`${line}\``;
}

export type SidecarConfig = z.output<typeof sidecarConfigSchema>;

/** One leaf of the schema and its three names. */
export interface Setting {
  path: readonly string[];
  /** "BOTTLE_LIMITS_MAX_BODY_BYTES" */
  env: string;
  /** "limits-max-body-bytes" */
  flag: string;
  description: string;
  kind: 'string' | 'number' | 'boolean';
  defaultValue: unknown;
}

/** Every setting with its environment variable and flag. The `http.` section is left out of both names. */
export function listSettings(): Setting[] {
  const { resources: _resources, ...defaults } = sidecarConfigSchema.parse({});
  return leaves(defaults, []).map(({ path, value }) => {
    const words = (path[0] === 'http' ? path.slice(1) : path).flatMap((part) =>
      part.split(/(?=[A-Z])/).map((word) => word.toLowerCase()),
    );
    return {
      path,
      env: `BOTTLE_${words.join('_').toUpperCase()}`,
      flag: words.join('-'),
      description: describePath(path),
      kind: typeof value as Setting['kind'],
      defaultValue: value,
    };
  });
}

function leaves(value: unknown, path: readonly string[]): { path: readonly string[]; value: unknown }[] {
  if (Array.isArray(value)) return []; // lists are for the file
  if (typeof value !== 'object' || value === null) return [{ path, value }];
  return Object.entries(value).flatMap(([key, child]) => leaves(child, [...path, key]));
}

function describePath(path: readonly string[]): string {
  let schema: z.ZodType = sidecarConfigSchema;
  for (const key of path) {
    const object = schema instanceof z.ZodPrefault ? (schema.unwrap() as z.ZodType) : schema;
    schema = (object as z.ZodObject).shape[key] as z.ZodType;
  }
  return schema.description ?? '';
}
