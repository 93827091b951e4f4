import type { Reporter, TestModule } from 'vitest/node';

/** Closes a run with one plain line that any CI can read: "12 passed, 0 failed, 1 skipped". */
class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const count = (state: string): number => states.filter((found) => found === state).length;
    const broken = errors.length + modules.filter((module) => module.errors().length > 0).length;
    process.stdout.write(
      `\n${count('passed')} passed, ${count('failed') + broken} failed, ${count('skipped')} skipped\n`,
    );
  }
}

// vitest loads a reporter by its default export.
export default ClosingLineReporter;
