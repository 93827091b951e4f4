// What a process and its supervisor tell each other.
//   to the process, lines on standard input: "load" ends --standby; the end of the input means that the supervisor is gone
//   to the supervisor, lines of JSON on --report-fd: {"event":"files",…}, {"event":"serves"},
//   {"event":"connected"}: the sidecar sends new invocations here
// The log is no way to tell: its level is the operator's.
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { LoadedFiles } from './load/loaded-files.ts';

/** Files that are imported while requests are served are told together. */
const LATE_FILES_MS = 20;

/** What `package` of serverless.yml says: files that the code reads by itself. */
interface Packaging {
  include: readonly string[];
  exclude: readonly string[];
}

/** Tells the supervisor, if there is one that listens. */
export class SupervisorReports {
  readonly #fd: number | undefined;
  readonly #files: LoadedFiles;
  #packaging: Packaging | undefined;
  #late: NodeJS.Timeout | undefined;

  constructor(fd: number | undefined, files: LoadedFiles) {
    this.#fd = fd;
    this.#files = files;
    if (fd === undefined) return;
    process.once('exit', () => this.tellFiles()); // whatever was the end of it: the mistake is in one of them
  }

  /** Goes along with the next report of files. */
  set packaging({ include, exclude }: Packaging) {
    this.#packaging = { include, exclude };
  }

  /** What was loaded since the last time; from then on the supervisor hears of more by itself. */
  tellFiles(): void {
    clearTimeout(this.#late);
    this.#late = undefined;
    const files = this.#files.takeNews();
    if (files.length > 0 || this.#packaging) this.#tell({ event: 'files', files, packaging: this.#packaging });
    this.#packaging = undefined;
    this.#files.onNews = () => {
      this.#late ??= setTimeout(() => this.tellFiles(), LATE_FILES_MS).unref();
    };
  }

  tellServes(): void {
    this.#tell({ event: 'serves' });
  }

  tellConnected(): void {
    this.#tell({ event: 'connected' });
  }

  #tell(report: object): void {
    if (this.#fd === undefined) return;
    const bytes = Buffer.from(`${JSON.stringify(report)}\n`);
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(this.#fd, bytes, written);
    } catch {
      // It is gone, which ends the process soon.
    }
  }
}

/** Calls back for each line on standard input, and at its end. */
export function readSupervisor(onLine: (line: string) => void, onGone: () => void): void {
  createInterface({ input: process.stdin }).on('line', onLine).once('close', onGone);
}
