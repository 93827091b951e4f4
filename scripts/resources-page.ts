import { z } from 'zod';
import { resourcesSchema } from '../sidecar/src/resources-config.ts';

/** What is used of a JSON schema. */
interface Schema {
  type?: string;
  const?: unknown;
  enum?: readonly unknown[];
  description?: string;
  default?: unknown;
  properties?: Readonly<Record<string, Schema>>;
  additionalProperties?: Schema | boolean;
  required?: readonly string[];
  items?: Schema;
  anyOf?: readonly Schema[];
  oneOf?: readonly Schema[];
}

/** Of every resource, and told once. */
const COMMON = ['required', 'policy'];

/** docs/resources.md: what each driver of each capability takes. */
export function resourcesPage(): string {
  const { properties = {} } = z.toJSONSchema(resourcesSchema, { io: 'input' }) as Schema;
  const capabilities = Object.entries(properties).map(([name, capability]) => {
    const drivers = driversOf(capability.additionalProperties as Schema);
    return `## ${name}\n\n${drivers.map(driverSection).join('\n\n')}\n`;
  });
  const [anyDriver = {}] = driversOf(properties['cache']?.additionalProperties as Schema);
  const common = COMMON.flatMap((name) => rowsOf(name, anyDriver.properties?.[name] ?? {}, false));
  return `# Settings of resources

Made from \`sidecar/src/resources-config.ts\` by \`npm run generate\`. They stand in \`sidecar.yml\` under \`resources\`, by capability and
name; functions know the name alone:

\`\`\`yaml
resources:
  cache:
    sessions: { driver: redis, url: 'redis://cache:6379/0', keyPrefix: 'shop:' }
\`\`\`

Values from the environment or a file are written \`\${NAME}\` and \`\${file:/path}\`. Names that no file has are served by the embedded
driver in \`bottle dev\`.

## Of every resource

${table(common)}

${capabilities.join('\n')}`;
}

function driversOf(schema: Schema): readonly Schema[] {
  return schema.oneOf ?? schema.anyOf ?? [schema];
}

function driverSection({ properties = {}, required = [] }: Schema): string {
  const { driver, ...settings } = properties;
  const own = Object.entries(settings).filter(([name]) => !COMMON.includes(name));
  const rows = own.flatMap(([name, schema]) => rowsOf(name, schema, required.includes(name)));
  const title = `\`driver: ${String(driver?.const ?? driver?.default)}\``;
  return rows.length === 0 ? `${title}: no settings of its own.` : `${title}\n\n${table(rows)}`;
}

/** The setting, or those in it. */
function rowsOf(path: string, schema: Schema, isNeeded: boolean): string[] {
  const mapping = [schema, ...(schema.anyOf ?? [])].find(({ properties }) => properties);
  const { properties, required = [] } = mapping ?? {};
  const own = properties && !schema.anyOf ? [] : [row(path, schema, isNeeded)];
  const inner = Object.entries(properties ?? {});
  return [...own, ...inner.flatMap(([name, child]) => rowsOf(`${path}.${name}`, child, required.includes(name)))];
}

function row(path: string, schema: Schema, isNeeded: boolean): string {
  const shown = isNeeded ? 'needed' : schema.default === undefined ? '' : `\`${textOf(schema.default)}\``;
  return `| \`${path}\` | ${kindOf(schema)} | ${shown} | ${(schema.description ?? '').replace(/[|<]/g, '\\$&')} |`;
}

function table(rows: readonly string[]): string {
  return ['| setting | | default | |', '|---|---|---|---|', ...rows].join('\n');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  boolean: 'true or false',
  object: 'mapping',
};

function kindOf({ type = '', enum: values, items, anyOf }: Schema): string {
  if (values) return values.map((value) => `\`${textOf(value)}\``).join(', ');
  if (anyOf) return anyOf.map(kindOf).join(', or ');
  if (type === 'array') return `list of ${kindOf(items ?? {})}s`;
  return KINDS[type] ?? type;
}
