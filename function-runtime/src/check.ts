import { describeTriggers } from '@bottle/protos';
import type { FaaSLogger } from 'bottle-sdk';
import type { Manifest } from './manifest/manifest.ts';
import { writeWhole } from './observe/write-whole.ts';
import type { Runtime } from './runtime.ts';

/**
 * Loads everything and prints what came of it, as JSON; what failed is logged as at every start. Returns the exit code: 0,
 * or 70 when something failed.
 */
export async function printCheck(
  { load, registry }: Runtime,
  manifest: Manifest,
  log: Pick<FaaSLogger, 'error'>,
): Promise<number> {
  await load().catch((error: unknown) => {
    log.error({ err: error }, 'the runtime failed to start');
    registry.failAll(error);
  });
  const { service, functions } = registry.table();
  const lines = new Map(manifest.functions.map(({ name, line }) => [name, line]));
  const document = {
    service,
    warnings: manifest.warnings,
    needs: manifest.functions.flatMap(({ needs }) => needs),
    functions: functions.map((info) => ({
      name: info.name,
      handler: info.handler,
      place: `${manifest.file}:${lines.get(info.name) ?? 1}`,
      state: info.state === 'FUNCTION_STATE_READY' ? 'ready' : 'failed',
      ...(info.stateReason ? { reason: info.stateReason } : {}),
      timeoutMs: info.timeoutMs,
      concurrency: info.concurrency,
      idempotent: info.idempotent,
      uses: info.uses,
      ...describeTriggers(info),
    })),
  };
  writeWhole(1, `${JSON.stringify(document)}\n`);
  return registry.failures.length > 0 ? 70 : 0;
}
