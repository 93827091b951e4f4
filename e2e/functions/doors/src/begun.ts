/** Those that have begun since they were asked for last. */
const ids = new Set<string>();

/** An invocation has begun. */
export function begins(id: string): void {
  ids.add(id);
}

/** Which of these never began. Forgets all. */
export function neverBegan(asked: readonly string[]): string[] {
  const missing = asked.filter((id) => !ids.has(id));
  ids.clear();
  return missing;
}
