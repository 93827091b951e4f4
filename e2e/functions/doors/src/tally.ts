/** How often each message was done, by function. */
const done = new Map<string, Map<string, number>>();
const laterAttempts = new Map<string, number>();

/** A function has done a message. */
export function noteMessage(name: string, id: string, attempt: number): void {
  const counts = done.get(name) ?? new Map<string, number>();
  done.set(name, counts);
  counts.set(id, (counts.get(id) ?? 0) + 1);
  if (attempt !== 1) laterAttempts.set(name, (laterAttempts.get(name) ?? 0) + 1);
}

/** Messages that were done, those of them that were done again, and those that were not in their first attempt. */
export function tallyOf(name: string): { done: number; again: number; laterAttempts: number } {
  const counts = [...(done.get(name)?.values() ?? [])];
  return {
    done: counts.length,
    again: counts.filter((count) => count > 1).length,
    laterAttempts: laterAttempts.get(name) ?? 0,
  };
}
