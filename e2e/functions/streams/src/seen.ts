import { defineFunction } from 'bottle-sdk';

/** What functions saw of their streams, by the keys that the tests chose. */
const records = new Map<string, string>();

export function record(key: string | undefined, what: string): void {
  if (key) records.set(key, what);
}

/** What was thrown, in a word. */
export function reasonOf(thrown: unknown): string {
  const { reason, code, message } = thrown as { reason?: string; code?: string; message?: string };
  return reason ?? code ?? message ?? String(thrown);
}

export const seen = defineFunction.http((ctx) => records.get(ctx.params['key'] ?? '') ?? null);

/** What keeps this process busy: nothing of it may be left behind. */
export const handles = defineFunction.http(() => {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
});
