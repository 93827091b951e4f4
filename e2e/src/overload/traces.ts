import { runLoad } from './run-load.ts';
import { openStage } from './stage.ts';

/** At this level the sidecar says each step of each place. */
const DEBUG = ['--log-level', 'debug', '--log-access', 'true'];

/** What one refused, one served and one abandoned request went through at five times the capacity. */
export async function printTraces(capacity: number): Promise<void> {
  const stage = await openStage(DEBUG);
  const { pod } = stage;
  try {
    const abandoned = await fetch(`${pod.url}/stubborn?ms=800`, {
      method: 'POST',
      headers: { 'x-bottle-timeout-ms': '300' },
    });
    const { invocationId } = (await abandoned.json()) as { invocationId: string };
    const { ids } = await runLoad({
      port: pod.port,
      path: '/cpu?before=5',
      headers: { 'x-bottle-timeout-ms': '2000' },
      pace: { kind: 'open', rate: capacity * 5 },
      warmUpMs: 1_000,
      durationMs: 1_500,
      deadlineMs: 2_000,
    });
    const lineOf = (test: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> =>
      pod.sidecar.line(test);
    const served = await lineOf(
      ({ function: name, step, afterMs }) => name === 'cpu' && step === 'over' && Number(afterMs) > 20,
    );
    await lineOf((line) => line['invocationId'] === invocationId && line['step'] === 'over');
    const wanted = [
      ['refused', ids.refused.at(-1)],
      ['served', served['invocationId'] as string],
      ['abandoned', invocationId],
    ] as const;
    for (const [what, id] of wanted) {
      process.stdout.write(`${what}: ${id ?? '–'}\n`);
      for (const line of pod.sidecar.lines) if (line['invocationId'] === id) printStep(line);
    }
    process.stdout.write('\n');
  } finally {
    await stage.end();
  }
}

/** A step of its place, or its answer. */
function printStep({ step, afterMs, status, reason = '', durationMs }: Record<string, unknown>): void {
  const what = typeof step === 'string' ? step : `answered ${status as number} ${reason as string}`.trimEnd();
  const ms = Number(typeof step === 'string' ? afterMs : durationMs).toFixed(1);
  process.stdout.write(`  ${ms.padStart(8)} ms  ${what}\n`);
}
