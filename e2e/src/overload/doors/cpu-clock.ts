import { readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second. */
const TICK_MS = 10;

/** From now on: how much of a core each process takes, in percent; a pod that has no more to give is told from one that waits. */
export function startCpuClock(pids: readonly number[]): () => number[] {
  const before = pids.map(usedMs);
  const startedAt = performance.now();
  return () => {
    const elapsedMs = performance.now() - startedAt;
    return pids.map((pid, at) => Math.round(((usedMs(pid) - (before[at] ?? 0)) / elapsedMs) * 100));
  };
}

/** In its own code and in the kernel. */
function usedMs(pid: number): number {
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [, , , , , , , , , , , user = '0', system = '0'] = fields.split(' ');
  return (Number(user) + Number(system)) * TICK_MS;
}
