import { z } from 'zod';
import { serviceHttpSchema } from './cors-schema.ts';
import { byteSize, duration, isInProject, OURS, OUT_OF_PROJECT } from './field-schemas.ts';
import { eventSchema } from './trigger-schemas.ts';

/** "package", "@scope/package", each with or without a version. */
const PACKAGE = /^(@[\w~-][\w.~-]*\/)?[\w~-][\w.~-]*(\/[\w~-][\w.~-]*)*(@[^\s/@]+)?$/;

const name = z.string().regex(/^[A-Za-z][\w-]*$/, 'expected a letter, then letters, digits, "_" or "-"');
/** It is part of consumer groups and of the topics of dead letters, and names images and objects of Kubernetes. */
const serviceName = z
  .string()
  .regex(
    /^[A-Za-z][\w.-]{0,62}$/,
    'expected a letter, then at most 62 letters, digits, "-", "_" or ".": it becomes part of other names',
  );
const runtime = z
  .string()
  .regex(/^nodejs(2[4-9]|[3-9]\d)(\.x)?$/, 'expected "nodejs24" or a later one: functions run on nothing else');
const environment = z
  .record(z.string(), z.string().meta({ type: ['string', 'number', 'boolean'] }))
  .describe('Texts; a number, true or false is the text as it is written.');
const layerPath = z
  .string()
  .refine(
    (path) => (path.startsWith('npm:') ? PACKAGE.test(path.slice('npm:'.length)) : path !== '' && isInProject(path)),
    'expected "npm:package@version", or a path inside the project',
  );
const shapeless = z.record(z.string(), z.unknown());
const projectPattern = z
  .string()
  .min(1)
  .refine((pattern) => !/^!?[/\\]|(^|[/\\!])\.\.([/\\]|$)/.test(pattern), 'expected a path or glob inside the project');

const uses = z.array(
  z
    .string()
    .regex(
      /^(cache|db|mq|rpc|http|config|switches|lock|secrets|objects)\.[A-Za-z][\w-]*(:[a-z]+)?$/,
      'expected "<capability>.<resource>", such as "cache.sessions", "db.shop:read" or, of a function, "rpc.price"; the capabilities are cache, db, mq, rpc, http, config, switches, lock, secrets and objects',
    ),
);

const functionSpec = z.strictObject({
  handler: z
    .string()
    .regex(/^[^\s]+\.[A-Za-z_$][\w$]*$/, 'expected "file.export", such as "src/items.list"')
    .refine(isInProject, OUT_OF_PROJECT)
    .describe('File without its ending, a dot, the name of the export ("default" for the default one).'),
  description: z.string().optional(),
  memorySize: z.int().positive().optional(),
  timeout: duration.optional(),
  initTimeout: duration.optional(),
  runtime: runtime.optional(),
  stage: z.string().optional(),
  environment: environment.optional(),
  concurrency: z
    .int('expected a whole number')
    .min(1, 'expected at least 1')
    .max(10_000, 'expected at most 10000')
    .optional()
    .describe('Most invocations under way at once in one pod; further ones wait.'),
  events: z.array(eventSchema).optional(),
  uses: uses
    .optional()
    .describe('Resources the function may use: "cache.sessions", "db.shop:read". Without the list: none.')
    .meta(OURS),
  etag: z
    .boolean()
    .optional()
    .describe('GET and HEAD answered with 200 get an ETag, and 304 when the client has it; true unless given.')
    .meta(OURS),
  idempotent: z
    .boolean()
    .optional()
    .describe('Running it twice does no harm: safe requests are sent again when the function container dies.')
    .meta(OURS),
});

/** The shape of serverless.yml: Midway's fields, and ours marked with x-bottle-addition. */
export const manifestSchema = z.strictObject({
  service: z.union([serviceName, z.strictObject({ name: serviceName, description: z.string().optional() })]),
  provider: z
    .strictObject({
      name: z.string().optional(),
      runtime: runtime.optional(),
      stage: z.string().optional(),
      region: z.string().optional(),
      timeout: duration.optional(),
      initTimeout: duration.optional(),
      memorySize: z.int().positive().optional(),
      concurrency: functionSpec.shape.concurrency,
      etag: functionSpec.shape.etag,
      httpApi: serviceHttpSchema.optional().describe('The same as `http` at the top.'),
      role: z.string().optional(),
      environment: environment.optional(),
    })
    .optional(),
  http: serviceHttpSchema.optional().describe('What holds for the routes of all functions.').meta(OURS),
  functions: z.record(name, functionSpec),
  layers: z
    .record(
      z.string(),
      z.strictObject({
        path: layerPath,
        name: z.string().optional(),
        uses: uses
          .optional()
          .describe('Resources that its start needs: the pod is not ready before each was reached once.')
          .meta(OURS),
      }),
    )
    .optional()
    .describe('`path`: "npm:package@version", or a file in the project.'),
  aggregation: z
    .record(
      z.string(),
      z.strictObject({
        deployOrigin: z.boolean().optional().describe('Deploy each function of the group by itself besides.'),
        functions: z.array(z.string()).optional().describe('Their names; then functionsPattern has no effect.'),
        functionsPattern: z
          .array(z.string())
          .optional()
          .describe('Globs for names that no group lists: "get*", "!getSecret".'),
      }),
    )
    .optional()
    .describe('Which functions share a pod; see docs/kubernetes.md.'),
  package: z
    .strictObject({
      include: z
        .array(projectPattern)
        .optional()
        .describe('Files that `bottle build` copies: paths or globs from the project’s folder; "!…" excludes.'),
      exclude: z.array(projectPattern).optional().describe('Globs that `include` does not mean.'),
      artifact: z.string().optional(),
    })
    .optional(),
  deployType: z
    .union([
      z.enum(['egg', 'express', 'koa', 'static']),
      z.strictObject({ type: z.string(), version: z.string().optional(), config: shapeless.optional() }),
    ])
    .optional(),
  custom: z
    .looseObject({
      build: z
        .strictObject({
          budget: byteSize
            .optional()
            .describe('What the output may weigh, source maps not counted: "5mb"; "10mb" unless given.'),
          minify: z.boolean().optional(),
          external: z
            .array(z.string().regex(/^(@[\w.-]+\/)?[\w.-]+$/, 'expected the name of a package, such as "sharp"'))
            .optional()
            .describe('Packages that are not bundled, but copied with their dependencies.'),
        })
        .optional()
        .describe('Settings of `bottle build`.')
        .meta(OURS),
    })
    .optional(),
});

export type RawManifest = z.output<typeof manifestSchema>;
export type RawFunction = z.output<typeof functionSpec>;
