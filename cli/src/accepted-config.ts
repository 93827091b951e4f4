import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The operator's file as it was when it was found right. A sidecar that starts again reads this copy: between the look at the file
 * and the start somebody may have written the next line.
 */
export class AcceptedConfig {
  #directory: string | undefined;
  #count = 0;
  #accepted: string | undefined;

  /** Takes a copy; answers the flags that have the sidecar read it, none where there is no file. Only this user may read it. */
  copy(file: string | undefined): string[] {
    if (file === undefined) return [];
    const copy = this.#nameOf(this.#count + 1);
    try {
      writeFileSync(copy, readFileSync(file), { mode: 0o600 });
    } catch {
      return []; // the sidecar says what is the matter with it
    }
    this.#count += 1;
    return ['--config-text', copy];
  }

  /** The copy that was taken last is the one from now on; otherwise the one before stays. */
  settle(isAccepted: boolean): void {
    if (this.#count === 0) return;
    const last = this.#nameOf(this.#count);
    const over = isAccepted ? this.#accepted : last;
    if (isAccepted) this.#accepted = last;
    if (over !== undefined && over !== this.#accepted) rmSync(over, { force: true });
  }

  #nameOf(count: number): string {
    if (this.#directory === undefined) {
      const directory = mkdtempSync(join(tmpdir(), 'bottle-config-'));
      process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
      this.#directory = directory;
    }
    return join(this.#directory, `${count}.yml`);
  }
}
