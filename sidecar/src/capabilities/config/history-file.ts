import { readFile, stat } from 'node:fs/promises';
import { type ConfigRecord, MAX_REVISIONS, type Revisions } from '@bottle/capabilities';
import { writeFileAtomically } from './write-file-atomically.ts';

/** The revisions of a configuration file. Where they cannot be written they live as long as the process. */
export class HistoryFile {
  readonly #file: string;
  readonly #onProblem: (reason: string) => void;
  #seen = '';
  #reported: string | undefined;

  constructor(file: string, onProblem: (reason: string) => void) {
    this.#file = file;
    this.#onProblem = onProblem;
  }

  /** What somebody else stored since the last time; nothing when nobody did. */
  async load(): Promise<Revisions> {
    const signature = await this.#signature();
    if (signature === this.#seen) return {};
    this.#seen = signature;
    try {
      return (JSON.parse(await readFile(this.#file, 'utf8')) as { keys: Revisions }).keys;
    } catch (error) {
      if (signature !== '') this.#report((error as Error).message);
      return {};
    }
  }

  /** Stores all revisions, with one more on top. */
  async save(revisions: Revisions, next?: ConfigRecord): Promise<void> {
    const added = next ? { [next.key]: [next, ...(revisions[next.key] ?? [])].slice(0, MAX_REVISIONS) } : {};
    try {
      await writeFileAtomically(this.#file, `${JSON.stringify({ keys: { ...revisions, ...added } }, null, 1)}\n`);
      this.#seen = await this.#signature();
      this.#reported = undefined;
    } catch (error) {
      this.#report((error as Error).message);
    }
  }

  async #signature(): Promise<string> {
    return await stat(this.#file, { bigint: true }).then(
      ({ ino, size, mtimeNs }) => [ino, size, mtimeNs].join(':'),
      () => '',
    );
  }

  #report(reason: string): void {
    if (this.#reported === reason) return;
    this.#reported = reason;
    this.#onProblem(reason);
  }
}
