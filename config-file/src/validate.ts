import { z } from 'zod';
import { ConfigProblems } from './config-problems.ts';
import { type ConfigSource, problemsOf } from './read-config-file.ts';

/**
 * The data of a file, checked whole against a schema. Where that wants a text, a number, true or false is the text as it is written.
 * Throws ConfigProblems with every mistake and its line.
 */
export function validate<Schema extends z.ZodType>(schema: Schema, source: ConfigSource): z.output<Schema> {
  const given = schema.safeParse(source.data);
  if (given.success) return given.data;
  const result = schema.safeParse(withTexts(source, given.error));
  if (result.success) return result.data;
  const schemas = {
    schemasAt: (path: readonly PropertyKey[]) => schemasAt(schema, path),
    keysAt: (path: readonly PropertyKey[]) => keysAt(schema, path),
  };
  throw new ConfigProblems(problemsOf(result.error, source, schemas));
}

function withTexts(source: ConfigSource, error: z.ZodError): unknown {
  const data: unknown = structuredClone(source.data);
  for (const path of wantTexts(error.issues)) {
    const text = source.textAt?.(path);
    const [last] = path.slice(-1);
    const parent = path
      .slice(0, -1)
      .reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)[key], data);
    if (text !== undefined && last !== undefined) (parent as Record<PropertyKey, unknown>)[last] = text;
  }
  return data;
}

/** Where something else is than a text. Of a union, where one of its members wants it. */
function wantTexts(issues: readonly z.core.$ZodIssue[], parent: readonly PropertyKey[] = []): PropertyKey[][] {
  return issues.flatMap((issue) => {
    const path = [...parent, ...issue.path];
    if (issue.code === 'invalid_union') return issue.errors.flatMap((errors) => wantTexts(errors, path));
    return issue.code === 'invalid_type' && issue.expected === 'string' ? [path] : [];
  });
}

/** The keys an object schema declares at a path; for a union, those of all its members. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const nodes = schemasAt(schema, path);
  return [...new Set(nodes.flatMap((node) => (node instanceof z.ZodObject ? Object.keys(node.shape) : [])))];
}

function schemasAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType[] {
  let nodes = expand(schema);
  for (const key of path) nodes = nodes.flatMap((node) => childrenOf(node, key)).flatMap(expand);
  return nodes;
}

function childrenOf(schema: z.ZodType, key: PropertyKey): z.ZodType[] {
  if (schema instanceof z.ZodObject) {
    const child: unknown = schema.shape[String(key)];
    return child instanceof z.ZodType ? [child] : [];
  }
  if (schema instanceof z.ZodRecord) return [schema.valueType as z.ZodType];
  if (schema instanceof z.ZodArray) return [schema.element as z.ZodType];
  return [];
}

/** Unwraps what stands around an object: optional, default, union, pipe, lazy. */
function expand(schema: z.ZodType): z.ZodType[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => expand(option as z.ZodType));
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable
  ) {
    return expand(schema.unwrap() as z.ZodType);
  }
  if (schema instanceof z.ZodPipe) return expand(schema.in as z.ZodType);
  if (schema instanceof z.ZodLazy) return expand(schema.unwrap() as z.ZodType);
  return [schema];
}
