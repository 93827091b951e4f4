import { setTimeout as delay } from 'node:timers/promises';
import { BottleError, Code, type ConfigEntry__Output, definitionOf } from '@bottle/protos';
import type { ResourceCalls } from '../resource-calls.ts';
import { latestOf } from './latest-of.ts';

const RETRY_MS = 150;

/**
 * The entry of a key now and after every change, for ever: outages only delay it. Throws when the scope ends, the
 * signal aborts, or the key cannot be watched at all.
 */
export async function* follow(
  calls: ResourceCalls,
  key: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<ConfigEntry__Output> {
  const { Watch } = definitionOf('config');
  let cancelled = 0;
  for (;;) {
    const reading = new AbortController();
    const signals = signal ? [signal, reading.signal] : [reading.signal];
    try {
      const entries = calls.answers(Watch, { key }, { signal: AbortSignal.any(signals) });
      for await (const entry of latestOf(entries)) {
        cancelled = 0;
        yield entry;
      }
    } catch (error) {
      // A sidecar that stops cancels its streams, once; a scope that has ended does it again and again.
      cancelled = error instanceof BottleError && error.code === Code.CANCELLED ? cancelled + 1 : 0;
      if (signal?.aborted || cancelled > 1 || !(cancelled === 1 || isOutage(error))) throw error;
    } finally {
      reading.abort();
    }
    await delay(RETRY_MS * (0.75 + Math.random() / 2), undefined, { ref: false });
  }
}

/** Whether the same call may work in a moment. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof BottleError)) return false;
  const { code, reason } = error;
  return (
    code === Code.UNAVAILABLE ||
    code === Code.RESOURCE_EXHAUSTED ||
    reason === 'connection-lost' ||
    reason === 'resource-timeout'
  );
}
