import type { StandardSchemaV1 } from '@standard-schema/spec';
import { BottleError, Code } from '@bottle/protos';

/** What the schema makes of the value. Throws INVALID_ARGUMENT with all its complaints. */
export async function validateInput<Schema extends StandardSchemaV1>(
  schema: Schema,
  value: unknown,
): Promise<StandardSchemaV1.InferOutput<Schema>> {
  const result = await schema['~standard'].validate(value);
  if (!result.issues) return result.value;
  const issues = result.issues.map(({ path = [], message }) => ({
    path: path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.'),
    message,
  }));
  const text = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  throw new BottleError(Code.INVALID_ARGUMENT, 'invalid-input', text, { details: { issues } });
}
