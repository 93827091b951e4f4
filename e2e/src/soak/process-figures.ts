import { readdirSync, readFileSync } from 'node:fs';

const PAGE_BYTES = 4_096;
const MB = 1024 * 1024;

/** What a process holds of the machine. */
export interface Figures {
  residentMb: number;
  /** Open files, sockets and the like. */
  handles: number;
}

/** As the operating system sees it (Linux). */
export function figuresOf(pid: number): Figures {
  const [, pages = '0'] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
  return { residentMb: (Number(pages) * PAGE_BYTES) / MB, handles: readdirSync(`/proc/${pid}/fd`).length };
}

/** The middle one; steadier than any single figure, which depends on when V8 last collected. */
export function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
