/** A log of what was done, how long it took, and what came of it. */
export class Steps {
  readonly #startedAt = performance.now();
  #done = 0;

  /** A step that throws ends everything. */
  async step<Result>(name: string, work: () => Promise<Result>, figure?: (result: Result) => string): Promise<Result> {
    const startedAt = performance.now();
    try {
      const result = await work();
      this.#done += 1;
      const said = figure?.(result) ?? '';
      process.stdout.write(`ok     ${seconds(startedAt)}  ${name}${said === '' ? '' : `: ${said}`}\n`);
      return result;
    } catch (error) {
      process.stdout.write(`FAILED ${seconds(startedAt)}  ${name}\n${(error as Error).message}\n`);
      throw error;
    }
  }

  heading(text: string): void {
    process.stdout.write(`\n${text}\n`);
  }

  close(failed: number): void {
    process.stdout.write(`\n${seconds(this.#startedAt).trim()} in all\n${this.#done} passed, ${failed} failed\n`);
  }
}

function seconds(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1000).toFixed(1).padStart(5)} s`;
}
