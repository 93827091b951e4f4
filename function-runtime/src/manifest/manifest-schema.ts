import { z } from 'zod';

/** Marks what neither Midway nor the Serverless Framework knows. */
const OURS = { 'x-bottle-addition': true };
const MAX_TIMEOUT_SEC = 24 * 3600;

const name = z.string().regex(/^[A-Za-z][\w-]*$/, 'expected a letter, then letters, digits, "_" or "-"');
const environment = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const duration = z
  .union([
    z.number().positive('expected more than 0 seconds').max(MAX_TIMEOUT_SEC),
    z.string().regex(/^\d+(\.\d+)?(ms|s|m|h)$/, 'expected seconds (30), or a number with ms, s, m or h ("1500ms")'),
  ])
  .describe('Seconds, or text with a unit: 30, "1500ms", "2m".');
const method = z
  .string()
  .regex(
    /^(get|put|post|patch|delete|head|options|any|all)$/i,
    'expected get, put, post, patch, delete, head, options or any',
  );
const routePath = z
  .string()
  .startsWith('/', 'expected a path that begins with "/"')
  .describe('"/items/:id", "/files/*"; `{id}` and `{path+}` are understood too.');

const httpEvent = z.strictObject({
  path: routePath,
  method: z.union([method, z.array(method).min(1)]).default('any'),
  timeout: duration.optional().describe('Lowers the function’s timeout for this route.'),
  cors: z.union([z.boolean(), z.record(z.string(), z.unknown())]).optional(),
  host: z
    .string()
    .regex(/^(\*\.)?[\w.-]+$/, 'expected a host name, or "*." and a host name')
    .optional()
    .describe('Only requests for this host; "*.example.com" for all below it.')
    .meta(OURS),
  stream: z.boolean().default(false).describe('Hand the request body over as a stream.').meta(OURS),
});
const shapeless = z.record(z.string(), z.unknown());
const timerEvent = z.strictObject({
  type: z.enum(['cron', 'every', 'interval']),
  value: z.union([z.string(), z.number()]),
  payload: z.unknown().optional(),
  enable: z.boolean().optional(),
});
const objectStoreEvent = z.strictObject({
  bucket: z.string(),
  events: z.union([z.string(), z.array(z.string())]).optional(),
  filter: z.strictObject({ prefix: z.string().optional(), suffix: z.string().optional() }).optional(),
});

const event = z
  .strictObject({
    http: httpEvent.optional(),
    apigw: httpEvent.optional().describe('The same as http.'),
    timer: timerEvent.optional(),
    mq: shapeless.optional(),
    os: objectStoreEvent.optional(),
    oss: objectStoreEvent.optional(),
    cos: objectStoreEvent.optional(),
    log: shapeless.optional(),
    rpc: shapeless.optional().meta(OURS),
    cloudevents: shapeless.optional().meta(OURS),
    mtop: shapeless.optional().meta(OURS),
  })
  .refine((value) => Object.keys(value).length === 1, 'expected exactly one trigger, such as http');

const functionSpec = z.strictObject({
  handler: z
    .string()
    .regex(/^[^\s]+\.[A-Za-z_$][\w$]*$/, 'expected "file.export", such as "src/items.list"')
    .describe('File without its ending, a dot, the name of the export ("default" for the default one).'),
  description: z.string().optional(),
  memorySize: z.int().positive().optional(),
  timeout: duration.optional(),
  initTimeout: duration.optional(),
  runtime: z.string().optional(),
  stage: z.string().optional(),
  environment: environment.optional(),
  concurrency: z
    .int('expected a whole number')
    .min(1, 'expected at least 1')
    .max(10_000, 'expected at most 10000')
    .optional()
    .describe('Most invocations under way at once in one pod; further ones wait.'),
  events: z.array(event).optional(),
  uses: z
    .array(
      z
        .string()
        .regex(
          /^(cache|db|mq|rpc|http|config|switches|lock)\.[A-Za-z][\w-]*(:[a-z]+)?$/,
          'expected "<capability>.<resource>", such as "cache.sessions" or "db.shop:read"',
        ),
    )
    .optional()
    .describe('Resources the function may use: "cache.sessions", "db.shop:read". Without the list: none.')
    .meta(OURS),
  idempotent: z
    .boolean()
    .optional()
    .describe('Running it twice does no harm: safe requests are sent again when the function container dies.')
    .meta(OURS),
});

/** The shape of serverless.yml: Midway's fields, and ours marked with x-bottle-addition. */
export const manifestSchema = z.strictObject({
  service: z.union([
    z.string().min(1),
    z.strictObject({ name: z.string().min(1), description: z.string().optional() }),
  ]),
  provider: z
    .strictObject({
      name: z.string().optional(),
      runtime: z.string().optional(),
      stage: z.string().optional(),
      region: z.string().optional(),
      timeout: duration.optional(),
      initTimeout: duration.optional(),
      memorySize: z.int().positive().optional(),
      concurrency: functionSpec.shape.concurrency,
      role: z.string().optional(),
      environment: environment.optional(),
    })
    .optional(),
  functions: z.record(name, functionSpec),
  layers: z
    .record(z.string(), z.strictObject({ path: z.string().min(1), name: z.string().optional() }))
    .optional()
    .describe('`path`: "npm:package@version", or a file in the project.'),
  aggregation: z
    .record(
      z.string(),
      z.strictObject({
        deployOrigin: z.boolean().optional(),
        functions: z.array(z.string()).optional(),
        functionsPattern: z.array(z.string()).optional(),
      }),
    )
    .optional(),
  package: z
    .strictObject({
      include: z.array(z.string()).optional(),
      exclude: z.array(z.string()).optional(),
      artifact: z.string().optional(),
    })
    .optional(),
  deployType: z
    .union([
      z.enum(['egg', 'express', 'koa', 'static']),
      z.strictObject({ type: z.string(), version: z.string().optional(), config: shapeless.optional() }),
    ])
    .optional(),
  custom: shapeless.optional(),
});

export type RawManifest = z.output<typeof manifestSchema>;
export type RawFunction = z.output<typeof functionSpec>;
export type RawHttpEvent = z.output<typeof httpEvent>;
