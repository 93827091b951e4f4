import { z } from 'zod';
import { ConfigProblems } from './config-problems.ts';
import { type ConfigSource, problemsOf } from './read-config-file.ts';

/** The data of a file, checked whole against a schema. Throws ConfigProblems with every mistake and its line. */
export function validate<Schema extends z.ZodType>(schema: Schema, source: ConfigSource): z.output<Schema> {
  const result = schema.safeParse(source.data);
  if (result.success) return result.data;
  const schemas = {
    schemasAt: (path: readonly PropertyKey[]) => schemasAt(schema, path),
    keysAt: (path: readonly PropertyKey[]) => keysAt(schema, path),
  };
  throw new ConfigProblems(problemsOf(result.error, source, schemas));
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
