/** Those that have begun since they were asked for last. */
const ids = new Set<string>();
const running = new Map<string, number>();
const most = new Map<string, number>();

/** Notes that an invocation of a function has begun, and that it has ended. */
export async function noted<Result>(
  { requestId, functionName }: { requestId: string; functionName: string },
  work: () => Promise<Result>,
): Promise<Result> {
  ids.add(requestId);
  const now = (running.get(functionName) ?? 0) + 1;
  running.set(functionName, now);
  most.set(functionName, Math.max(now, most.get(functionName) ?? 0));
  try {
    return await work();
  } finally {
    running.set(functionName, (running.get(functionName) ?? 0) - 1);
  }
}

/** Which of these never began. Forgets all. */
export function neverBegan(asked: readonly string[]): string[] {
  const missing = asked.filter((id) => !ids.has(id));
  ids.clear();
  return missing;
}

/** Invocations whose code runs, by function, and how many did at most. */
export function counts(): { running: Record<string, number>; most: Record<string, number> } {
  return { running: Object.fromEntries(running), most: Object.fromEntries(most) };
}
