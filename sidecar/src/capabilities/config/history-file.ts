// The revisions of a configuration file, one JSON text a line, in the order in which they were made. A change costs a line.
// Several processes append to it; each reads what the others wrote from where it stopped. A line with `undone` takes back the
// revision that it names: its value did not get into the configuration file.
import { appendFile, open, readFile, stat } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ConfigRecord } from '@bottle/capabilities';
import { writeFileAtomically } from './write-file-atomically.ts';

const SLICE_MS = 5;
const READ_BYTES = 256 * 1024;
/** So many lines more than there are revisions: the file is written anew. */
const MAX_EXTRA_LINES = 20_000;

export type HistoryLine = ConfigRecord & { undone?: true };

/** Where they cannot be written they live as long as the process. */
export class HistoryFile {
  readonly #file: string;
  readonly #former: string;
  readonly #onProblem: (reason: string) => void;
  #inode = 0n;
  #offset = 0;
  #lines = 0;
  #hasLooked = false;
  #isFormer = false;
  #reported: string | undefined;

  /** `former`: the file of older versions, which is read when there is no other one yet. */
  constructor({ file, former, onProblem }: { file: string; former: string; onProblem: (reason: string) => void }) {
    this.#file = file;
    this.#former = former;
    this.#onProblem = onProblem;
  }

  /** Lines that somebody else wrote since the last time, in their order; all of them when the file was written anew. */
  async *news(): AsyncGenerator<HistoryLine> {
    const status = await stat(this.#file, { bigint: true }).catch(() => undefined);
    if (!status) {
      if (this.#inode === 0n && !this.#hasLooked) yield* this.#formerLines();
      return;
    }
    if (status.ino !== this.#inode || Number(status.size) < this.#offset) {
      this.#inode = status.ino;
      this.#offset = 0;
      this.#lines = 0;
    }
    if (Number(status.size) > this.#offset) yield* this.#readOn(Number(status.size));
  }

  async append(lines: readonly HistoryLine[]): Promise<void> {
    try {
      const before = await stat(this.#file, { bigint: true }).catch(() => undefined);
      for (const text of await textsOf(lines)) await appendFile(this.#file, text, { mode: 0o600, flush: true });
      await this.#skipOwn(before);
      this.#lines += lines.length;
      this.#reported = undefined;
    } catch (error) {
      this.#report((error as Error).message);
    }
  }

  /** Whether most of it is what nobody asks for any more, or all of it comes from the former file. */
  isToBeWritten(revisions: number): boolean {
    return this.#isFormer || this.#lines > 2 * revisions + MAX_EXTRA_LINES;
  }

  /** Writes it anew. */
  async replace(lines: readonly HistoryLine[]): Promise<void> {
    this.#isFormer = false;
    try {
      await writeFileAtomically(this.#file, (await textsOf(lines)).join(''));
      const { ino, size } = await stat(this.#file, { bigint: true });
      this.#inode = ino;
      this.#offset = Number(size);
      this.#lines = lines.length;
    } catch (error) {
      this.#report((error as Error).message);
    }
  }

  /** What was just appended is known, unless somebody else appended as well. */
  async #skipOwn(before: { ino: bigint; size: bigint } | undefined): Promise<void> {
    const { ino, size } = await stat(this.#file, { bigint: true });
    const isKnown = before ? before.ino === this.#inode && Number(before.size) === this.#offset : this.#inode === 0n;
    if (!isKnown) return;
    this.#inode = ino;
    this.#offset = Number(size);
  }

  async *#readOn(end: number): AsyncGenerator<HistoryLine> {
    await using file = await open(this.#file, 'r');
    let rest = Buffer.alloc(0);
    let at = this.#offset;
    let until = performance.now() + SLICE_MS;
    while (at < end) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES, at);
      if (bytesRead === 0) break;
      at += bytesRead;
      const bytes = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      const complete = bytes.lastIndexOf(10) + 1;
      rest = bytes.subarray(complete);
      for (const text of bytes.toString('utf8', 0, complete).split('\n')) {
        const line = this.#parse(text);
        if (line) yield line;
        if (performance.now() < until) continue;
        await nextTurn();
        until = performance.now() + SLICE_MS;
      }
    }
    this.#offset = at - rest.length; // a line that somebody is writing just now comes the next time
  }

  #parse(text: string): HistoryLine | undefined {
    if (text === '') return undefined;
    this.#lines += 1;
    try {
      return JSON.parse(text) as HistoryLine;
    } catch (error) {
      this.#report((error as Error).message); // half a line, of a process that died
      return undefined;
    }
  }

  /** Oldest first, as lines are. */
  async *#formerLines(): AsyncGenerator<HistoryLine> {
    this.#hasLooked = true;
    const text = await readFile(this.#former, 'utf8').catch(() => undefined);
    if (text === undefined) return;
    try {
      const { keys } = JSON.parse(text) as { keys: Record<string, ConfigRecord[]> };
      for (const records of Object.values(keys)) yield* records.toReversed();
      this.#isFormer = true;
    } catch (error) {
      this.#report((error as Error).message);
    }
  }

  #report(reason: string): void {
    if (this.#reported === reason) return;
    this.#reported = reason;
    this.#onProblem(reason);
  }
}

/** Lines as texts of some hundred kilobytes. */
async function textsOf(lines: readonly HistoryLine[]): Promise<string[]> {
  const texts: string[] = [];
  let text = '';
  let until = performance.now() + SLICE_MS;
  for (const line of lines) {
    text += `${JSON.stringify(line)}\n`;
    if (performance.now() < until) continue;
    texts.push(text);
    text = '';
    await nextTurn();
    until = performance.now() + SLICE_MS;
  }
  return text === '' ? texts : [...texts, text];
}
