import { setTimeout as delay } from 'node:timers/promises';
import type { Endpoint } from './endpoint.ts';
import { reportProgress } from './progress.ts';
import type { ServerKind } from './server-kind.ts';

/** Resolves when the server is ready for clients; throws when `ended` says why it never will be, or after its time. */
export async function untilReady(
  kind: ServerKind,
  endpoint: Endpoint,
  ended: () => string | undefined = () => undefined,
): Promise<void> {
  const startedAt = performance.now();
  let reportAtMs = 10_000;
  for (;;) {
    const reason = ended();
    if (reason !== undefined) throw new Error(reason);
    try {
      return await kind.assertReady(endpoint);
    } catch (error) {
      const elapsedMs = performance.now() - startedAt;
      if (elapsedMs > kind.startTimeoutMs) {
        throw new Error(`not ready after ${kind.startTimeoutMs / 1000} s: ${(error as Error).message}`, {
          cause: error,
        });
      }
      if (elapsedMs > reportAtMs) {
        reportProgress(`still waiting for ${kind.name} (${Math.round(elapsedMs / 1000)} s)`);
        reportAtMs += 10_000;
      }
    }
    await delay(50);
  }
}
