// Variables in serverless.yml, as the Serverless Framework writes them: ${env:NAME}, ${self:path.to.value} and
// ${file(./other.yml):path}, each with a fallback after a comma, and within one another. They are resolved before anything is
// validated. What is no variable of these is left as it is; what the framework knows besides has no meaning here, and is refused.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ConfigProblem } from './config-problems.ts';
import { type ConfigSource, parseConfig } from './read-config-file.ts';

export interface VariableOptions {
  env: Readonly<Record<string, string | undefined>>;
  projectDir: string;
  /** Told of each file before it is read. */
  onFile(path: string): void;
}

export interface Resolved {
  source: ConfigSource;
  problems: ConfigProblem[];
}

type Path = readonly PropertyKey[];

/** The innermost one: without another in it. */
const INNERMOST = /\$\{([^${}]*)\}/;
const KNOWN = /^\s*(?:(?:env|self|opt|sls|ssm|cf|s3|aws|param|git|strToBool)\s*[:(]|file\s*\()/;
const ENV = /^env:([A-Za-z_]\w*)$/;
const SELF = /^self:([\w.-]+)$/;
const FILE = /^file\(([^()]+)\)(?::([\w.-]+))?$/;
/** Numbers that are written as they would be printed: "007" and "1e3" stay text. */
const PLAIN_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/;
/** Stands for "${" of what is no variable, while the others are looked for. */
const LEFT_ALONE = '\u0000{';
/** How deep values may refer to one another. */
const MAX_DEPTH = 32;

/** A number, true or false as it is written: "1.10". */
class Written {
  readonly value: unknown;
  readonly text: string;

  constructor(value: unknown, text: string) {
    this.value = value;
    this.text = text;
  }
}

class VariableProblem extends Error {}
class MissingFile extends VariableProblem {}

/** The same data with its variables resolved, and what could not be. Values from the environment are named in no message. */
export async function resolveVariables(source: ConfigSource, options: VariableOptions): Promise<Resolved> {
  const yaml = await import('yaml'); // a source has been read with it

  const problems: ConfigProblem[] = [];
  const fromEnvironment: string[] = [];
  const files = new Map<string, Pick<ConfigSource, 'data' | 'textAt'>>();
  const texts = new Map<string, string>();

  function valueOf(value: unknown, path: Path, depth: number): unknown {
    if (typeof value === 'string') return value.includes('${') ? textOf(value, path, depth) : value;
    if (Array.isArray(value)) return value.map((item, at) => settled(item, [...path, at], depth));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, settled(item, [...path, key], depth)]));
  }

  /** The value, and its text put down for whoever wants one there. */
  function settled(given: unknown, path: Path, depth: number): unknown {
    const value = valueOf(given, path, depth);
    if (!(value instanceof Written)) return value;
    texts.set(path.join('.'), value.text);
    return value.value;
  }

  function textOf(given: string, path: Path, depth: number): unknown {
    let text = given;
    for (;;) {
      const match = INNERMOST.exec(text);
      if (!match) return text.replaceAll(LEFT_ALONE, '${');
      const [whole, inner = ''] = match;
      if (!KNOWN.test(inner)) {
        text = text.replace(whole, () => LEFT_ALONE + whole.slice(2));
        continue;
      }
      const value = variable(inner.trim(), path, depth);
      if (whole === text) return value;
      const inserted = value instanceof Written ? value.text : value;
      if (typeof inserted === 'object' && inserted !== null)
        throw new VariableProblem(`\${${inner}} is no text, and stands within one`);
      text = text.replace(whole, () => String(inserted).replaceAll('${', LEFT_ALONE));
    }
  }

  function variable(inner: string, path: Path, depth: number): unknown {
    if (depth > MAX_DEPTH) throw new VariableProblem(`\${${inner}} refers to itself`);
    const [reference, fallback] = splitFallback(inner);
    const value = orMissing(() => referred(reference, path, depth), fallback !== undefined);
    if (value !== undefined && value !== null) return value;
    if (fallback !== undefined) return literal(fallback);
    throw new VariableProblem(`${reference} has no value, and no other is given: \${${reference}, 'value'}`);
  }

  function referred(reference: string, path: Path, depth: number): unknown {
    const [, name] = ENV.exec(reference) ?? [];
    if (name !== undefined) {
      fromEnvironment.push(path.join('.'));
      const text = options.env[name];
      return text !== undefined && PLAIN_NUMBER.test(text) && String(Number(text)) === text ? Number(text) : text;
    }
    const [, own] = SELF.exec(reference) ?? [];
    if (own !== undefined) return valueIn(source, own, path, depth);
    const [, file, key] = FILE.exec(reference) ?? [];
    if (file !== undefined) return valueIn(contentOf(file.trim()), key, path, depth);
    const [kind] = /^\w+/.exec(reference) ?? [''];
    const isOurs = kind === 'env' || kind === 'self' || kind === 'file';
    const message = isOurs ? 'is not written so' : `there is no "${kind}" here`;
    throw new VariableProblem(
      `\${${reference}}: ${message}: \${env:NAME}, \${self:a.b} and \${file(./c.yml):a.b} are known`,
    );
  }

  function valueIn(
    { data, textAt }: Pick<ConfigSource, 'data' | 'textAt'>,
    key: string | undefined,
    path: Path,
    depth: number,
  ) {
    const value = valueOf(at(data, key), path, depth + 1);
    const text = key === undefined ? undefined : textAt?.(key.split('.'));
    return text === undefined ? value : new Written(value, text);
  }

  function contentOf(name: string): Pick<ConfigSource, 'data' | 'textAt'> {
    const known = files.get(name);
    if (known) return known;
    const file = resolve(options.projectDir, name);
    options.onFile(file);
    let content: Pick<ConfigSource, 'data' | 'textAt'>;
    try {
      const text = readFileSync(file, 'utf8');
      content = /\.(?:ya?ml|json)$/i.test(name) ? parseConfig(yaml, text, name) : { data: text.trimEnd() };
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      throw new (isMissing ? MissingFile : VariableProblem)(`${name} cannot be read: ${firstLine(error)}`);
    }
    files.set(name, content);
    return content;
  }

  function resolveAt(value: unknown, path: Path): unknown {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolveAt(item, [...path, key])]));
    if (Array.isArray(value)) return value.map((item, index) => resolveAt(item, [...path, index]));
    try {
      return settled(value, path, 0);
    } catch (error) {
      if (!(error instanceof VariableProblem)) throw error;
      problems.push({ ...source.locate(path), path: path.map(String).join('.'), message: error.message });
      return value;
    }
  }

  const data = resolveAt(source.data, []);
  const hides = (path: Path): boolean => (source.hides?.(path) ?? false) || fromEnvironment.includes(path.join('.'));
  const textAt = (path: Path): string | undefined => texts.get(path.join('.')) ?? source.textAt?.(path);
  return { source: { data, locate: (path) => source.locate(path), textAt, hides }, problems };
}

/** A file that is not there has no value, where there is another one. */
function orMissing(find: () => unknown, hasFallback: boolean): unknown {
  try {
    return find();
  } catch (error) {
    if (hasFallback && error instanceof MissingFile) return undefined;
    throw error;
  }
}

/** What stands after the first comma that is in no quotes. */
function splitFallback(inner: string): [reference: string, fallback: string | undefined] {
  const comma = /^(?:[^,'"]|'[^']*'|"[^"]*")*?,/.exec(inner)?.[0].length;
  return comma === undefined
    ? [inner.trim(), undefined]
    : [inner.slice(0, comma - 1).trim(), inner.slice(comma).trim()];
}

function literal(text: string): unknown {
  const [, , quoted] = /^(['"])(.*)\1$/s.exec(text) ?? [];
  if (quoted !== undefined) return quoted;
  if (text === 'true' || text === 'false') return text === 'true';
  return PLAIN_NUMBER.test(text) ? Number(text) : text;
}

function at(data: unknown, path: string | undefined): unknown {
  if (path === undefined) return data;
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined,
      data,
    );
}

function firstLine(error: unknown): string {
  return (error as Error).message.split('\n')[0] ?? '';
}
