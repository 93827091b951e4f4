import { z } from 'zod';
import { corsSchema } from './cors-schema.ts';
import { duration, isInProject, oneOrMany, OURS, OUT_OF_PROJECT, resourceOf, topicName } from './field-schemas.ts';

const method = z
  .string()
  .regex(
    /^(get|put|post|patch|delete|head|options|any|all)$/i,
    'expected get, put, post, patch, delete, head, options or any',
  );
/** A repeated group that has a repetition in it: some text takes for ever to match. */
const NESTED_REPEAT = /\([^()]*[*+}][^()]*\)[*+{]/;
function isRegular(path: string): boolean {
  try {
    for (const [, group = '('] of path.matchAll(/:\w+(?:(\(.*?\))(?=[/:?-]|$)|(?=\())/g)) new RegExp(group).test('');
    return true;
  } catch {
    return false;
  }
}

/** Groups may be in one another. */
function withoutGroups(path: string): string {
  const without = path.replace(/\([^()]*\)/g, '');
  return without === path ? path : withoutGroups(without);
}

/** Patterns in parentheses name nothing. */
function repeatedParameter(path: string): string | undefined {
  const names = [...path.replace(/\(.*?\)/g, '').matchAll(/:(\w+)|\{([\w-]+)\+?\}/g)].map(
    ([, own, braced]) => own ?? braced,
  );
  return names.find((name, at) => names.indexOf(name) !== at);
}

const routePath = z
  .string()
  .startsWith('/', 'expected a path that begins with "/"')
  .refine((path) => /^[^*]*\*?$/.test(path.replace(/\(.*?\)/g, '')), 'expected "*" at the end only')
  .refine(
    (path) => !/[?#\s\0]/.test(withoutGroups(path).replace(/:\w+\?/g, '')),
    'expected no "?", "#" or blanks: no request has them in its path',
  )
  .refine(
    (path) => !NESTED_REPEAT.test(path) && isRegular(path),
    'expected patterns in parentheses to be safe regular expressions',
  )
  .superRefine((path, context) => {
    const twice = repeatedParameter(path);
    if (twice !== undefined) context.addIssue({ code: 'custom', message: `"${twice}" is the name of two parameters` });
  })
  .describe('"/items/:id", "/files/*"; `{id}` and `{path+}` are understood too.');

type KeySource = 'header' | 'cookie' | 'body' | 'attribute' | 'key' | 'id';

const KEY_SOURCES: Readonly<Record<KeySource, string>> = {
  header: '"header.<name>"',
  cookie: '"cookie.<name>"',
  body: '"body.<field>"',
  attribute: '"attribute.<name>"',
  key: '"key"',
  id: '"id"',
};

/** A rule whose key comes from one of the places that the trigger has. */
function idempotencyFrom(...sources: readonly KeySource[]) {
  const patterns = sources.map((source) =>
    source === 'key' || source === 'id' ? source : `${source}\\.[\\w-]+(\\.[\\w-]+)*`,
  );
  const part = `(${patterns.join('|')})`;
  const expected = `expected ${sources.map((source) => KEY_SOURCES[source]).join(' or ')}, or several with " + "`;
  return z
    .strictObject({
      key: z
        .string()
        .regex(new RegExp(`^${part}(\\s*\\+\\s*${part})*$`), expected)
        .describe(
          'Where the key is: "header.idempotency-key", "body.orderId", "key" of a message, "id" of a CloudEvent; several with "+": "cookie.cart + header.idempotency-key".',
        ),
      ttl: duration.default('24h').describe('How long a result is kept.'),
      resource: resourceOf('cache').default('idempotency').describe('The cache resource that keeps the results.'),
    })
    .describe('A repeated key gets the stored result; while the first one still runs, it waits for that.')
    .meta(OURS);
}

const httpSchema = z
  .strictObject({
    path: routePath,
    method: z.union([method, z.array(method).min(1)]).default('any'),
    timeout: duration.optional().describe('Lowers the function’s timeout for this route.'),
    cors: corsSchema.optional(),
    host: z
      .string()
      .regex(/^(\*\.)?[\w.-]+$/, 'expected a host name, or "*." and a host name')
      .optional()
      .describe('Only requests for this host; "*.example.com" for all below it.')
      .meta(OURS),
    stream: z.boolean().default(false).describe('Hand the request body over as a stream.').meta(OURS),
    idempotency: idempotencyFrom('header', 'cookie', 'body', 'attribute').optional(),
  })
  .refine(({ stream, idempotency }) => !(stream && idempotency), {
    path: ['idempotency'],
    message: 'not with `stream: true`: a repeat is known by its whole body',
  });

const mqSchema = z
  .strictObject({
    resource: resourceOf('mq').default('default').describe('The mq resource: "mq.orders".').meta(OURS),
    topic: topicName,
    tags: z.string().optional(),
    strategy: z.string().optional(),
    group: topicName
      .optional()
      .describe('Consumers of one group share the messages; "<service>.<function>" unless given.')
      .meta(OURS),
    batch: z
      .union([
        z.int().min(1).max(10_000),
        z.strictObject({ size: z.int().min(1).max(10_000), wait: duration.default('50ms') }),
      ])
      .optional()
      .describe('Most messages of one invocation, which then gets a list; with `wait`, how long it may fill.')
      .meta(OURS),
    concurrency: z
      .int()
      .min(1)
      .max(1_000)
      .default(16)
      .describe('Most invocations under way in this pod for this trigger; messages of one key stay in order.')
      .meta(OURS),
    retry: z
      .strictObject({
        attempts: z
          .int()
          .min(1)
          .max(1_000)
          .default(5)
          .describe('How often a message is tried, the first time included.'),
        backoff: duration.default(1).describe('Pause before the second try, doubled each time.'),
        maxBackoff: duration.default('1m').describe('Longest pause.'),
      })
      .prefault({})
      .meta(OURS),
    deadLetter: z
      .union([z.literal(false), topicName])
      .optional()
      .describe('Topic for what was tried often enough; "<topic>.<group>.dead" unless given; false: it is dropped.')
      .meta(OURS),
    from: z
      .enum(['earliest', 'latest'])
      .default('earliest')
      .describe('Where a group that has never read begins.')
      .meta(OURS),
    idempotency: idempotencyFrom('key', 'header', 'body', 'attribute').optional(),
  })
  .refine(({ batch, idempotency }) => !(batch !== undefined && idempotency), {
    path: ['idempotency'],
    message: 'not with `batch`: the messages of a batch have no results of their own',
  });

const timerSchema = z.strictObject({
  type: z
    .enum(['cron', 'every', 'interval'])
    .describe('`every`: at multiples of a duration. `interval`: so long after the end of the run before.'),
  value: z.union([z.string(), z.number()]).describe('"0 30 3 * * *" (seconds first, or five fields), or a duration.'),
  payload: z.unknown().optional(),
  enable: z.boolean().default(true).describe('false: no ticks; it can still be fired by hand.'),
  name: z
    .string()
    .regex(/^[\w.-]+$/)
    .optional()
    .describe('Unique in the service; "<function>-<position>" unless given.')
    .meta(OURS),
  timeZone: z.string().min(1).optional().describe('IANA name, for cron: "Europe/Berlin"; UTC unless given.').meta(OURS),
  misfire: z
    .enum(['skip', 'once', 'all'])
    .default('once')
    .describe('What to do about ticks that no pod was there for, at most 100 with `all`. Not for broadcast.')
    .meta(OURS),
  overlap: z
    .enum(['skip', 'queue', 'allow'])
    .default('skip')
    .describe('What to do when the run before is still under way.')
    .meta(OURS),
  jitter: duration.optional().describe('Each tick is late by up to this, at random.').meta(OURS),
  broadcast: z
    .boolean()
    .default(false)
    .describe('Every pod runs every tick, with its shard index and count, instead of one pod.')
    .meta(OURS),
});

const rpcSchema = z.strictObject({
  proto: z
    .string()
    .endsWith('.proto', 'expected a .proto file')
    .refine(isInProject, OUT_OF_PROJECT)
    .describe('File in the project.'),
  service: z.string().min(1).describe('"shop.v1.Stock"'),
  method: z.string().min(1).describe('"Reserve"'),
  idempotency: idempotencyFrom('header', 'body', 'attribute').optional(),
});

const cloudEventsSchema = z
  .strictObject({
    path: z
      .string()
      .regex(/^\/[^:*{}?#]*$/, 'expected a path that begins with "/", without parameters')
      .optional()
      .describe('Where they are POSTed to; "/events" unless they come from a queue.'),
    type: oneOrMany.optional().describe('Which types, any of them; "*" in one stands for anything.'),
    source: oneOrMany.optional(),
    subject: oneOrMany.optional(),
    resource: resourceOf('mq').optional().describe('The mq resource they come from.'),
    topic: topicName.optional(),
    group: topicName.optional(),
    idempotency: idempotencyFrom('id', 'body', 'attribute').optional(),
  })
  .refine(
    ({ resource, topic }) => (resource === undefined) === (topic === undefined),
    'expected resource and topic together',
  );

const gatewaySchema = z.strictObject({
  api: z.string().regex(/^[a-z][\w-]*(\.[a-z][\w-]*)*$/i, 'expected a dotted name, such as "shop.cart.add"'),
  version: z
    .string()
    .regex(/^\d+(\.\d+)*$/, 'expected a version in quotation marks, such as "1.0"')
    .default('1.0'),
  session: z.enum(['required', 'optional', 'none']).default('optional'),
  idempotency: idempotencyFrom('header', 'body', 'attribute').optional(),
});

const objectStoreSchema = z.strictObject({
  bucket: z.string(),
  events: z.union([z.string(), z.array(z.string())]).optional(),
  filter: z.strictObject({ prefix: z.string().optional(), suffix: z.string().optional() }).optional(),
});

/** One entry of a function's `events`. */
export const eventSchema = z
  .strictObject({
    http: httpSchema.optional(),
    apigw: httpSchema.optional().describe('The same as http.'),
    timer: timerSchema.optional(),
    mq: mqSchema.optional(),
    os: objectStoreSchema.optional(),
    oss: objectStoreSchema.optional(),
    cos: objectStoreSchema.optional(),
    log: z.record(z.string(), z.unknown()).optional(),
    rpc: rpcSchema.optional().meta(OURS),
    cloudevents: cloudEventsSchema.optional().meta(OURS),
    mtop: gatewaySchema.optional().meta(OURS),
  })
  .refine((value) => Object.keys(value).length === 1, 'expected exactly one trigger, such as http');

export type RawHttp = z.output<typeof httpSchema>;
export type RawMq = z.output<typeof mqSchema>;
export type RawTimer = z.output<typeof timerSchema>;
export type RawRpc = z.output<typeof rpcSchema>;
export type RawCloudEvents = z.output<typeof cloudEventsSchema>;
export type RawGateway = z.output<typeof gatewaySchema>;
export type RawIdempotency = z.output<ReturnType<typeof idempotencyFrom>>;
