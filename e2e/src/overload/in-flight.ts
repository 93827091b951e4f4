import { readFileSync } from 'node:fs';
import type { TestPod } from '../harness/pod.ts';

/** The places of one function at one moment, as `/metrics` has them. */
export interface InFlight {
  sidecar: number;
  process: number | undefined;
  abandoned: number;
}

const NAMES = {
  bottle_in_flight: 'sidecar',
  bottle_process_in_flight: 'process',
  bottle_abandoned: 'abandoned',
} as const;

/** One scrape: the places of each function. */
export async function scrapeInFlight(pod: TestPod): Promise<Map<string, InFlight>> {
  const text = await (await pod.admin('/metrics')).text();
  const found = new Map<string, InFlight>();
  for (const [, metric = '', name = '', value] of text.matchAll(/^(bottle_\w+)\{function="([^"]+)"\} (\d+)$/gm)) {
    const field = (NAMES as Record<string, keyof InFlight | undefined>)[metric];
    if (!field) continue;
    const entry = found.get(name) ?? { sidecar: 0, process: undefined, abandoned: 0 };
    entry[field] = Number(value);
    found.set(name, entry);
  }
  return found;
}

/** What was seen while a load ran. */
export interface Samples {
  scrapes: number;
  /** The sidecar's figure is not that of the function process. */
  mismatches: string[];
  mostInFlight: number;
  mostAbandoned: number;
  /** Of the function process and the sidecar, in MB. */
  residentMb: [runtime: number, sidecar: number];
}

/** Scrapes again and again until it is told to stop. */
export function sample(pod: TestPod & { runtime: { pid: number }; sidecar: { pid: number } }): () => Promise<Samples> {
  const samples: Samples = { scrapes: 0, mismatches: [], mostInFlight: 0, mostAbandoned: 0, residentMb: [0, 0] };
  let isOver = false;
  const sampling = (async () => {
    while (!isOver) {
      for (const [name, { sidecar, process, abandoned }] of await scrapeInFlight(pod)) {
        if (process !== undefined && process !== sidecar) samples.mismatches.push(`${name}: ${sidecar} ≠ ${process}`);
        samples.mostInFlight = Math.max(samples.mostInFlight, sidecar);
        samples.mostAbandoned = Math.max(samples.mostAbandoned, abandoned);
      }
      samples.scrapes += 1;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  return async () => {
    isOver = true;
    await sampling;
    samples.residentMb = [residentMb(pod.runtime.pid), residentMb(pod.sidecar.pid)];
    return samples;
  };
}

function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}
