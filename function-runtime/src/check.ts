import { type BottleError, describeTriggers } from '@bottle/protos';
import type { FaaSLogger } from 'bottle-sdk';
import { type Manifest, needsOf } from './manifest/manifest.ts';
import { writeWhole } from './observe/write-whole.ts';
import type { Runtime } from './runtime.ts';

/**
 * Loads everything and prints what came of it, as JSON; what failed is logged as at every start. There is no sidecar: code
 * that calls the bottle as it is loaded is told apart from code that does not load. Returns the exit code: 0, or 70 when
 * something failed.
 */
export async function printCheck(
  { load, loadFunctions, registry }: Runtime,
  manifest: Manifest,
  log: Pick<FaaSLogger, 'error'>,
): Promise<number> {
  const warnings = [...manifest.warnings];
  try {
    await load();
  } catch (error) {
    if (needsSidecar(error)) {
      warnings.push(
        'the layers call the bottle when they start, for which check has no pod: what they do then is not checked',
      );
      await loadFunctions();
    } else {
      log.error({ err: error }, 'the runtime failed to start');
      registry.failAll(error);
    }
  }
  const { service, functions } = registry.table();
  const lines = new Map(manifest.functions.map(({ name, line }) => [name, line]));
  const { failures } = registry;
  const unchecked = new Set(failures.filter(({ error }) => needsSidecar(error)).map(({ name }) => name));
  const document = {
    service,
    warnings,
    needs: needsOf(manifest),
    functions: functions.map((info) => ({
      name: info.name,
      handler: info.handler,
      place: `${manifest.file}:${lines.get(info.name) ?? 1}`,
      state: info.state === 'FUNCTION_STATE_READY' ? 'ready' : unchecked.has(info.name) ? 'unchecked' : 'failed',
      ...(info.stateReason ? { reason: info.stateReason } : {}),
      timeoutMs: info.timeoutMs,
      concurrency: info.concurrency,
      idempotent: info.idempotent,
      uses: info.uses,
      ...describeTriggers(info),
    })),
  };
  writeWhole(1, `${JSON.stringify(document)}\n`);
  return failures.length > unchecked.size ? 70 : 0;
}

/** Whether a call of the bottle is what failed, whatever was made of its error. */
function needsSidecar(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause)
    if ((each as Partial<BottleError>).reason === 'no-sidecar') return true;
  return false;
}
