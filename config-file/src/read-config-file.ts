import { readFile } from 'node:fs/promises';
import type * as yamlTypes from 'yaml';
import type { Document, LineCounter, Node, Pair, YAMLMap } from 'yaml';
import type { z } from 'zod';
import { type ConfigProblem, ConfigProblems } from './config-problems.ts';
import { issueWords } from './issue-words.ts';
import { nearestKey } from './nearest-key.ts';
import { textFrame } from './text-frame.ts';

/** Configuration data that can say where each value came from. */
export interface ConfigSource {
  /** Plain data. */
  data: unknown;
  /** Where the value at a path stands, or its nearest parent that exists. */
  locate(path: readonly PropertyKey[]): ConfigPlace;
  /** The number, true or false at a path as it is written: "1.10", "0777". @default not known */
  textAt?(path: readonly PropertyKey[]): string | undefined;
  /** Whether the value at a path was given where secrets are: no message repeats it. @default never */
  hides?(path: readonly PropertyKey[]): boolean;
}

export interface ConfigPlace {
  /** A file as the person named it, or "BOTTLE_PORT", "--port". */
  source: string;
  /** 1-based; undefined outside files. */
  line?: number | undefined;
}

export interface ReadOptions {
  /** What messages call the file. @default its path */
  name?: string;
  /** Whether the lines around a syntax error show values, which may be secrets, and not keys alone. @default false */
  showsValues?: boolean;
}

/** Reads and parses a YAML file. Throws ConfigProblems when it cannot be read or parsed. */
export async function readConfigFile(
  file: string,
  { name = file, showsValues = false }: ReadOptions = {},
): Promise<ConfigSource> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new ConfigProblems([{ source: name, path: '', message: `cannot be read: ${(error as Error).message}` }]);
  }
  return parseConfig(await import('yaml'), text, name, showsValues);
}

/** The parser is loaded only when there is a file: a sidecar on defaults starts without it. */
type Yaml = Pick<typeof yamlTypes, 'LineCounter' | 'parseDocument' | 'isMap' | 'isSeq' | 'isNode' | 'isScalar'>;

/** Parses YAML text; `file` names it in messages. Throws ConfigProblems with every syntax error. */
export function parseConfig(yaml: Yaml, text: string, file: string, showsValues = false): ConfigSource {
  const lineCounter = new yaml.LineCounter();
  const document = yaml.parseDocument(text, { lineCounter, merge: true, uniqueKeys: true, prettyErrors: false });
  if (document.errors.length > 0) {
    throw new ConfigProblems(
      document.errors.map((error) => {
        const { line, col: column } = lineCounter.linePos(error.pos[0]);
        const message = error.message.replace(/: .*$/s, ''); // what follows is the file's text, which may be a secret
        return { source: file, line, path: '', message, frame: textFrame(text, { line, column, showsValues }) };
      }),
    );
  }
  return {
    data: plainData(document, file),
    locate: createLocate(yaml, document, lineCounter, file),
    textAt(path) {
      const node: unknown = document.getIn(path, true);
      const isWritten = yaml.isScalar(node) && ['number', 'bigint', 'boolean'].includes(typeof node.value);
      return isWritten ? (node.source ?? String(node.value)) : undefined;
    },
  };
}

/** The parser's own words repeat the text: a password that begins with an asterisk looks like an alias. */
function plainData(document: Document, file: string): unknown {
  try {
    const data: unknown = document.toJS({ maxAliasCount: 100 }) ?? {};
    JSON.stringify(data); // throws at what contains itself, which nobody would come to the end of
    return data;
  } catch {
    const message =
      'an alias ("*…") of nothing or of what it is in, or too many of them; text that begins with "*" needs quotation marks';
    throw new ConfigProblems([{ source: file, path: '', message }]);
  }
}

/** Finds keys by an index that each mapping gets when it is first looked into: there may be thousands of them. */
function createLocate(yaml: Yaml, document: Document, lineCounter: LineCounter, file: string): ConfigSource['locate'] {
  const indexes = new Map<YAMLMap, Map<string, Pair>>();
  const pairIn = (map: YAMLMap, key: PropertyKey): Pair | undefined => {
    let index = indexes.get(map);
    if (!index) {
      index = new Map(map.items.toReversed().map((pair) => [String(pair.key), pair])); // the first one of a name counts
      indexes.set(map, index);
    }
    return index.get(String(key));
  };
  return (path) => {
    let node: unknown = document.contents;
    let line = 1;
    const visit = (next: unknown): void => {
      const range = yaml.isNode(next) ? (next as Node).range : undefined;
      if (range) line = lineCounter.linePos(range[0]).line;
    };
    for (const key of path) {
      if (yaml.isMap(node)) {
        const pair = pairIn(node, key);
        if (!pair) break;
        visit(pair.key);
        node = pair.value;
      } else if (yaml.isSeq(node)) {
        node = node.items[Number(key)];
        if (node === undefined) break;
        visit(node);
      } else {
        break;
      }
    }
    return { source: file, line };
  };
}

/** Zod's issues as problems with a place; unknown keys name the nearest known one. */
export function problemsOf(error: z.ZodError, source: ConfigSource, schema: SchemaMap): ConfigProblem[] {
  return error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') {
      const isHidden = source.hides?.(issue.path) ?? false;
      const message = issueWords(issue, valueAt(source.data, issue.path), schema.schemasAt(issue.path), isHidden);
      return [{ ...source.locate(issue.path), path: dotted(issue.path), message }];
    }
    return issue.keys.map((key) => {
      const path = [...issue.path, key];
      const known = schema.keysAt(issue.path);
      const nearest = nearestKey(key, known);
      const hint = nearest ? `did you mean "${nearest}"?` : `known keys: ${known.join(', ')}`;
      return { ...source.locate(path), path: dotted(path), message: `unknown key; ${hint}` };
    });
  });
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key], data);
}

/** What the schema says of a path; of a union, what each of its members says. */
export interface SchemaMap {
  schemasAt(path: readonly PropertyKey[]): readonly z.ZodType[];
  keysAt(path: readonly PropertyKey[]): readonly string[];
}

function dotted(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}
