import { z } from 'zod';
import { milliseconds } from './milliseconds.ts';

const MIB = 1024 * 1024;
/** What objects without any setting may have together. */
export const DEFAULT_OBJECTS_BYTES: number = 10 * 1024 * MIB;
const count = z.int().min(1);
const section = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape).prefault({} as never);

/** What every resource may say about how it is used. */
const policy = section({
  timeoutMs: count.default(5_000).describe('Longest a call may take, retries included.'),
  retry: section({
    attempts: z.int().min(0).max(10).default(2).describe('How often a call that is safe to repeat is repeated.'),
    baseMs: count.default(20).describe('First pause, doubled each time, with jitter.'),
    budgetPercent: z.int().min(0).max(100).default(20).describe('Most repeats, in percent of the calls.'),
  }),
  breaker: section({
    failures: count.default(5).describe('Failures in a row that open the breaker.'),
    openMs: count.default(1_000).describe('How long it refuses calls before it tries one.'),
  }),
  bulkhead: section({
    concurrency: count
      .default(1_024)
      .describe('Most calls under way; never more than a database or an upstream has connections.'),
    queue: z.int().min(0).default(4_096).describe('Most calls that wait for one of those places.'),
    streams: count.default(16_384).describe('Most subscriptions, watches and gRPC streams open besides.'),
  }),
}).describe('How calls are bounded, repeated and refused.');

/** What is said of any resource. */
const common = {
  required: z
    .boolean()
    .default(false)
    .describe('Whether the pod is unready until it was reached once. That it is lost later never makes a pod unready.'),
  policy,
};

const tls = z
  .union([
    z.boolean(),
    z
      .strictObject({
        ca: z.string().optional().describe('PEM text; `${file:/path}` reads a file, once.'),
        cert: z.string().optional(),
        key: z.string().optional(),
        caFile: z
          .string()
          .optional()
          .describe('A PEM file that is read for each connection (`rpc`: once): it may be renewed.'),
        certFile: z.string().optional(),
        keyFile: z.string().optional(),
        serverName: z.string().optional(),
        rejectUnauthorized: z.boolean().default(true),
      })
      .refine(({ ca, caFile }) => ca === undefined || caFile === undefined, 'expected ca or caFile, not both')
      .refine(
        ({ cert, certFile }) => cert === undefined || certFile === undefined,
        'expected cert or certFile, not both',
      )
      .refine(({ key, keyFile }) => key === undefined || keyFile === undefined, 'expected key or keyFile, not both'),
  ])
  .default(false);
const address = z.string().regex(/^[^\s:]+:\d+$|^\[[^\s\]]+\]:\d+$/, 'expected host:port');

const redisUrl = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^rediss?:\/\/[^/]/.test(text),
    'expected redis://user:password@host:6379/0, special characters percent-encoded',
  );

/** Redis, however it is run. */
const redis = {
  url: redisUrl.optional().describe('redis://user:password@host:6379/0, or rediss:// for TLS.'),
  cluster: z.array(address).min(1).optional().describe('Nodes of a cluster, instead of a URL.'),
  sentinels: z
    .strictObject({
      name: z.string(),
      nodes: z.array(address).min(1),
      password: z.string().optional(),
      tls: z.boolean().default(true).describe('Whether `tls`, where it is given, is for the sentinels, too.'),
    })
    .optional()
    .describe('Sentinels that know the master, instead of a URL.'),
  username: z.string().optional(),
  password: z.string().optional(),
  database: z.int().min(0).optional(),
  tls,
  keyPrefix: z.string().default('').describe('Put before every key and channel.'),
};

const cache = z.discriminatedUnion('driver', [
  z.strictObject({
    driver: z.literal('memory'),
    maxKeys: count.default(100_000).describe('Most keys; the one written longest ago goes first.'),
    ...common,
  }),
  z.strictObject({
    driver: z.literal('redis'),
    ...redis,
    autoPipelining: z.boolean().default(true).describe('Commands of one turn of the event loop travel together.'),
    ...common,
  }),
]);

const mysqlUrl = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^mysql:\/\/[^/]+\/./.test(text),
    'expected mysql://user:password@host:3306/database',
  );

const db = z.discriminatedUnion('driver', [
  z.strictObject({
    driver: z.literal('sqlite'),
    file: z.string().optional().describe('":memory:" for none. Default: <dataDir>/<name>.sqlite.'),
    maxRows: count.default(10_000).describe('Most rows that one answer may have without streaming.'),
    slowQueryMs: milliseconds.default(500).describe('Slower statements are logged, without their values.'),
    ...common,
  }),
  z.strictObject({
    driver: z.literal('mysql'),
    url: mysqlUrl.describe('mysql://user:password@host:3306/database'),
    replicas: z.array(mysqlUrl).default([]).describe('URLs of read replicas, for read-only statements.'),
    readYourWrites: z
      .boolean()
      .default(true)
      .describe('Whether an invocation that has written asks no replica any more: those may be behind.'),
    tls,
    connections: count.default(10).describe('Most connections to each server.'),
    sqlMode: z
      .string()
      .default('STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION')
      .describe('sql_mode of every session.'),
    dates: z
      .enum(['date', 'text'])
      .default('date')
      .describe(
        'What DATETIME and TIMESTAMP are: Dates (text with more than three digits of a fraction), or always text.',
      ),
    json: z
      .enum(['parsed', 'text'])
      .default('parsed')
      .describe('What JSON is: a JavaScript value, or the text of the document, with every byte.'),
    maxRows: count.default(10_000).describe('Most rows that one answer may have without streaming.'),
    slowQueryMs: milliseconds.default(500).describe('Slower statements are logged, without their values.'),
    ...common,
  }),
]);

const mq = z.discriminatedUnion('driver', [
  z.strictObject({
    driver: z.literal('embedded'),
    file: z.string().optional().describe('":memory:" for none. Default: <dataDir>/<name>.mq.sqlite.'),
    partitions: count.default(4).describe('Partitions of a topic.'),
    maxMessages: count
      .default(100_000)
      .describe('Most messages a partition keeps; the oldest go first, but none that a group has yet to read.'),
    maxBytes: count.default(1024 * MIB).describe('Most bytes of all messages; publishing is refused beyond.'),
    retentionMs: count.default(86_400_000).describe('How long messages that every group has read are kept.'),
    retentionBytes: count
      .default(16 * MIB)
      .describe('Bytes of the file beyond which those go sooner, the oldest first; then the file gets smaller.'),
    ...common,
  }),
  z.strictObject({
    driver: z.literal('kafka'),
    brokers: z.array(address).min(1),
    clientId: z.string().default('bottle'),
    topicPrefix: z.string().default('').describe('Put before every topic and consumer group.'),
    tls,
    sasl: z
      .strictObject({
        mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
        username: z.string(),
        password: z.string(),
      })
      .optional(),
    acks: z.enum(['all', 'leader', 'none']).default('all').describe('Who must have a message before it counts.'),
    idempotent: z.boolean().default(true).describe('A producer’s own retries never make a message twice.'),
    compression: z.enum(['none', 'gzip', 'snappy', 'lz4', 'zstd']).default('none'),
    lingerMs: milliseconds.default(0).describe('How long messages wait for others to travel with.'),
    consumer: section({
      sessionTimeoutMs: count
        .default(10_000)
        .describe('A pod that the brokers hear nothing of for so long loses its partitions; they allow 6 s and more.'),
      rebalanceTimeoutMs: count
        .default(60_000)
        .describe('Longest wait for functions that run while a group’s partitions are distributed anew.'),
      fetchWaitMs: count.default(250).describe('Longest wait of brokers that have no messages.'),
      fetchBytes: count.default(MIB / 4).describe('Most bytes of one fetch.'),
      fetchPartitionBytes: count.default(MIB / 8).describe('Most bytes of one partition in a fetch.'),
    }).describe('Consumer groups, for mq triggers.'),
    ...common,
  }),
]);

const rpc = z.discriminatedUnion('driver', [
  z.strictObject({
    driver: z.literal('functions'),
    addresses: z.array(address).min(1).optional().describe('Pods of the service.'),
    dns: address.optional().describe('A name whose every address is a pod: a headless service.'),
    function: z
      .string()
      .optional()
      .describe(
        'The function that the resource by itself is: "rpc.<resource>". Without it: "rpc.<resource>/<function>".',
      ),
    tls,
    ...common,
  }),
  z.strictObject({
    driver: z.literal('grpc'),
    addresses: z.array(address).min(1).optional().describe('Servers of the service.'),
    dns: address.optional().describe('A name whose every address is a server.'),
    metadata: z.record(z.string(), z.string()).default({}).describe('Added to every call: credentials.'),
    tls,
    ...common,
  }),
]);

const http = z.strictObject({
  driver: z.literal('http').default('http'),
  baseUrl: z.url({ protocol: /^https?$/ }).describe('Where paths are looked up.'),
  headers: z.record(z.string(), z.string()).default({}).describe('Added to every request: credentials.'),
  allow: z
    .array(z.string())
    .default([])
    .describe('Further hosts that requests and redirects may go to: "api.example.com", "*.example.com".'),
  allowPrivate: z
    .boolean()
    .default(false)
    .describe('Allow loopback, link-local and private addresses for other hosts than that of baseUrl.'),
  connections: count.default(128).describe('Most connections to each host.'),
  maxRedirects: z.int().min(0).max(20).default(5),
  ...common,
});

const config = z.discriminatedUnion('driver', [
  z.strictObject({
    driver: z.literal('file'),
    file: z
      .string()
      .optional()
      .describe('One mapping, YAML or JSON. Default: <dataDir>/<name>.config.yml, or <name>.switches.yml.'),
    ...common,
  }),
  z.strictObject({ driver: z.literal('redis'), ...redis, ...common }),
]);

const lock = z.discriminatedUnion('driver', [
  z.strictObject({ driver: z.literal('memory'), ...common }),
  z.strictObject({ driver: z.literal('redis'), ...redis, ...common }),
]);

const secrets = z.discriminatedUnion('driver', [
  z.strictObject({
    driver: z.literal('files'),
    directory: z
      .string()
      .min(1)
      .optional()
      .describe('A file for each key, such as a mounted Secret. Default: <dataDir>/<name>.secrets.'),
    ...common,
  }),
  z.strictObject({
    driver: z.literal('env'),
    prefix: z
      .string()
      .regex(/^(?!BOTTLE_)[A-Za-z]\w*_$/, 'expected a name that ends in "_", and does not begin with "BOTTLE_"')
      .describe('Of the variables: "api-key" is <prefix>API_KEY. The function container gets none of them.'),
    ...common,
  }),
]);

const objects = z.discriminatedUnion('driver', [
  z.strictObject({
    driver: z.literal('directory'),
    directory: z.string().min(1).optional().describe('Of the driver’s own. Default: <dataDir>/<name>.objects.'),
    maxBytes: count.default(DEFAULT_OBJECTS_BYTES).describe('Most bytes of all objects; storing more is refused.'),
    ...common,
  }),
  z.strictObject({
    driver: z.literal('s3'),
    bucket: z.string().min(3).describe('It must be there.'),
    endpoint: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Of another store than Amazon’s.'),
    publicEndpoint: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Where clients outside find the store: that of presigned URLs. Default: endpoint.'),
    region: z.string().min(1).default('us-east-1'),
    accessKeyId: z
      .string()
      .optional()
      .describe('Without it and its secret: what the environment of the sidecar gives.'),
    secretAccessKey: z.string().optional(),
    sessionToken: z.string().optional(),
    forcePathStyle: z
      .boolean()
      .optional()
      .describe('The bucket in the path, not in the host. Default: with an endpoint.'),
    prefix: z.string().default('').describe('Put before every key.'),
    partBytes: z
      .int()
      .min(5 * MIB)
      .default(5 * MIB)
      .describe('Of the parts of larger uploads; one for each upload under way is in memory.'),
    connections: count.default(32).describe('Most connections, and so most calls under way.'),
    ...common,
  }),
]);

const name = z.string().regex(/^[A-Za-z][\w-]*$/, 'expected a letter, then letters, digits, "_" or "-"');
const resourcesOf = <Schema extends z.ZodType>(schema: Schema) => z.record(name, schema).default({});

/** `resources` of sidecar.yml: by capability, then by name. */
export const resourcesSchema = z.strictObject({
  cache: resourcesOf(cache),
  db: resourcesOf(db),
  mq: resourcesOf(mq),
  rpc: resourcesOf(rpc),
  http: resourcesOf(http),
  config: resourcesOf(config),
  switches: resourcesOf(config),
  lock: resourcesOf(lock),
  secrets: resourcesOf(secrets),
  objects: resourcesOf(objects),
});

export type PolicyConfig = z.output<typeof policy>;
export type RedisConfig = Extract<z.output<typeof cache>, { driver: 'redis' }>;
export type RedisConnectionConfig = Omit<RedisConfig, 'driver' | 'autoPipelining' | keyof typeof common>;
export type SqliteConfig = Extract<z.output<typeof db>, { driver: 'sqlite' }>;
export type MysqlConfig = Extract<z.output<typeof db>, { driver: 'mysql' }>;
export type EmbeddedQueueConfig = Extract<z.output<typeof mq>, { driver: 'embedded' }>;
export type KafkaConfig = Extract<z.output<typeof mq>, { driver: 'kafka' }>;
export type MemoryLockConfig = Extract<z.output<typeof lock>, { driver: 'memory' }>;
export type RedisLockConfig = Extract<z.output<typeof lock>, { driver: 'redis' }>;
export type RemoteFunctionsConfig = Extract<z.output<typeof rpc>, { driver: 'functions' }>;
export type GrpcServiceConfig = Extract<z.output<typeof rpc>, { driver: 'grpc' }>;
export type HttpUpstreamConfig = z.output<typeof http>;
export type FileConfig = Extract<z.output<typeof config>, { driver: 'file' }>;
export type RedisConfigConfig = Extract<z.output<typeof config>, { driver: 'redis' }>;
export type FileSecretsConfig = Extract<z.output<typeof secrets>, { driver: 'files' }>;
export type EnvSecretsConfig = Extract<z.output<typeof secrets>, { driver: 'env' }>;
export type DirectoryObjectsConfig = Extract<z.output<typeof objects>, { driver: 'directory' }>;
export type S3ObjectsConfig = Extract<z.output<typeof objects>, { driver: 's3' }>;
export type TlsConfig = z.output<typeof tls>;

/** The policy of resources that nobody configured. */
export const DEFAULT_POLICY: PolicyConfig = policy.parse({});
