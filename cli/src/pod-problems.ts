import { adminAuthorization, adminPortOf } from './admin-client.ts';
import type { CommandContext } from './command.ts';
import { isPodOf, podOwnerAt } from './invoke/pod-owner.ts';

const TIMEOUT_MS = 3_000;

/** What does not work in the pod of this project that runs here: its /readyz. Empty when there is none. */
export async function podProblems(projectDir: string, context: CommandContext): Promise<string[]> {
  const port = adminPortOf(undefined, context, projectDir);
  const owner = await podOwnerAt(port, adminAuthorization(context.env));
  if (!owner || !isPodOf(owner, projectDir)) return [];
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const { missing = [], degraded = [] } = (await answer.json()) as { missing?: string[]; degraded?: string[] };
    return [...missing, ...degraded];
  } catch {
    return []; // it has just ended
  }
}
