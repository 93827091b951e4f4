import type { Cors__Output } from '@bottle/protos';
import { z } from 'zod';
import { duration, oneOrMany, toMs } from './field-schemas.ts';

/**
 * Scheme, host and port, where "*" stands for any host below ("https://*.example.com"), for a piece of the first label
 * ("https://pr-*.example.com") or for any port ("http://localhost:*"). Nothing behind it: an origin has no path.
 */
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/(?:\*(?=\.)|[a-z\d-]*\*?[a-z\d-]*)(?:\.[a-z\d-]+)*(?::(?:\d{1,5}|\*))?$/;
const IPV6_ORIGIN = /^https?:\/\/\[[\da-f:.]+\](?::(?:\d{1,5}|\*))?$/;
/** Would let in whoever registers a name: "https://*", "https://shop*". */
const OPEN_END = /:\/\/[^./:]*\*[^./:]*(?::|$)/;

const EXPECTED_ORIGIN =
  'expected an origin without a path, such as "https://shop.example.com", "https://*.example.com", "http://localhost:*" or "*"';

const origins = oneOrMany.refine(
  (list) => list.every((origin) => origin === '*' || origin === 'null' || isOrigin(origin.toLowerCase())),
  EXPECTED_ORIGIN,
);
const fieldNames = oneOrMany.refine(
  (list) => list.every((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name)),
  'expected names of header fields, as a list',
);
const methods = oneOrMany.refine(
  (list) => list.every((method) => /^(get|put|post|patch|delete|head|options|any|all|\*)$/i.test(method)),
  'expected get, put, post, patch, delete, head, options or "*"',
);

/** Fields that have two or three names: those of the Serverless Framework's http and httpApi. */
const SPELLINGS = [
  ['origins', 'origin', 'allowedOrigins'],
  ['methods', 'allowedMethods'],
  ['headers', 'allowedHeaders'],
  ['exposedResponseHeaders', 'exposedHeaders'],
] as const;

const settings = z
  .strictObject({
    origins: origins
      .optional()
      .describe(
        'Whose pages may read the answers: "https://*.example.com"; "*" unless given. Also `origin`, `allowedOrigins`.',
      ),
    origin: origins.optional(),
    allowedOrigins: origins.optional(),
    methods: methods.optional().describe('Those that the path answers, unless given. Also `allowedMethods`.'),
    allowedMethods: methods.optional(),
    headers: fieldNames
      .optional()
      .describe('Request fields that a page may set; whichever it asks for, unless given. Also `allowedHeaders`.'),
    allowedHeaders: fieldNames.optional(),
    exposedResponseHeaders: fieldNames
      .optional()
      .describe('Response fields that a page may read. Also `exposedHeaders`.'),
    exposedHeaders: fieldNames.optional(),
    allowCredentials: z
      .boolean()
      .optional()
      .describe('A page may send the user’s cookies along; origins need names then.'),
    maxAge: z
      .union([z.literal(0), duration])
      .optional()
      .describe('How long a browser need not ask again: seconds, or text with a unit.'),
  })
  .superRefine((cors, context) => {
    const complain = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    for (const names of SPELLINGS) {
      const [first, ...others] = names.filter((name) => cors[name] !== undefined);
      for (const other of others) complain(other, `the same as ${first}: give one of them`);
    }
    if (!cors.allowCredentials) return;
    const { origins: given = ['*'], exposedHeaders = [] } = resolved(cors);
    if (given.includes('*'))
      complain('allowCredentials', 'not with the origin "*": name the origins whose pages may act as the user');
    if (given.includes('null')) complain('allowCredentials', 'not with the origin "null": any page can have it');
    if (exposedHeaders.includes('*'))
      complain('allowCredentials', 'with it browsers take "*" for a name: name the exposed headers');
  });

/** `http.cors`. */
export const corsSchema = z
  .union([z.boolean(), settings])
  .describe(
    'true: pages of all origins may use it, without the user’s cookies. false: none, whatever the service says.',
  );

/** What holds for the whole service. */
export const serviceHttpSchema = z.strictObject({ cors: corsSchema.optional() });

type RawCors = z.output<typeof corsSchema>;
type RawSettings = z.output<typeof settings>;

const OPEN: Cors__Output = {
  origins: ['*'],
  methods: [],
  headers: [],
  exposedHeaders: [],
  allowCredentials: false,
};

/** The rule of a route or, with nothing above it, of the service; null: none. */
export function resolveCors(raw: RawCors | undefined, service: Cors__Output | null): Cors__Output | null {
  if (raw === undefined || raw === true) return service ?? (raw ? OPEN : null);
  return raw === false ? null : { ...OPEN, ...resolved(raw) };
}

function resolved(raw: RawSettings): Partial<Cors__Output> {
  const given = {
    origins: raw.origins ?? raw.origin ?? raw.allowedOrigins,
    methods: unlessAny(raw.methods ?? raw.allowedMethods)?.map((method) => method.toUpperCase()),
    headers: unlessAny(raw.headers ?? raw.allowedHeaders),
    exposedHeaders: raw.exposedResponseHeaders ?? raw.exposedHeaders,
    allowCredentials: raw.allowCredentials,
    maxAgeSec: raw.maxAge === undefined ? undefined : Math.round(toMs(raw.maxAge) / 1_000),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** "*" among them is what holds without a list. */
function unlessAny(list: string[] | undefined): string[] | undefined {
  return list?.some((item) => item === '*' || /^(any|all)$/i.test(item)) ? [] : list;
}

function isOrigin(origin: string): boolean {
  return IPV6_ORIGIN.test(origin) || (ORIGIN.test(origin) && !OPEN_END.test(origin));
}
