/**
 * What code threw, safe to look at: a proxy, or an error with getters, can throw from whatever looks at it, which would
 * leave its invocation without an answer.
 */
export function examinable(thrown: unknown): unknown {
  try {
    look(thrown, 0);
    return thrown;
  } catch {
    return new TypeError('what was thrown cannot be examined: it throws itself');
  }
}

const LOOKED_AT = ['name', 'message', 'stack', 'code', 'status', 'statusCode', 'constructor'] as const;
/** Of a chain of causes. */
const MAX_DEPTH = 20;

function look(thrown: unknown, depth: number): void {
  if ((typeof thrown !== 'object' && typeof thrown !== 'function') || thrown === null) return;
  void (thrown instanceof Error);
  for (const name of LOOKED_AT) void (thrown as Record<string, unknown>)[name];
  for (const name of Object.keys(thrown)) void (thrown as Record<string, unknown>)[name];
  if (depth >= MAX_DEPTH) return;
  const { cause, errors } = thrown as { cause?: unknown; errors?: unknown };
  look(cause, depth + 1);
  if (Array.isArray(errors)) for (const error of errors) look(error, MAX_DEPTH);
}
