import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** How many of a run's slowest tests are named. */
const SLOWEST = 20;

/** How much of a failure's message is repeated: a line, not the page of metrics that an assertion may quote. */
const MESSAGE_CHARACTERS = 300;

/**
 * Closes a run with one plain line that any CI can read: "12 passed, 0 failed, 1 skipped". Above it, the slowest tests;
 * the tests that failed, which a log whose beginning is lost would not name; and those that passed on a second try only,
 * each with what the first one failed with: a busy machine, or something to look into.
 */
class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
    const broken = errors.length + modules.filter((module) => module.errors().length > 0).length;
    const failed = tests.filter((test) => test.result().state === 'failed');
    const retried = tests.filter((test) => test.diagnostic()?.flaky === true);
    const lines = [
      ...slowestOf(tests),
      ...failed.map((test) => `FAILED: ${nameOf(test)}: ${firstFailureOf(test)}`),
      ...retried.map((test) => `PASSED ON A SECOND TRY ONLY: ${nameOf(test)}: ${firstFailureOf(test)}`),
      `${count('passed')} passed, ${count('failed') + broken} failed, ${count('skipped')} skipped`,
    ];
    process.stdout.write(`\n${lines.join('\n')}\n`);
  }
}

/** Two columns under a title; nothing when one test ran, or none. */
function slowestOf(tests: readonly TestCase[]): string[] {
  const timed = tests
    .filter((test) => test.result().state !== 'skipped')
    .map((test) => ({ test, ms: Math.round(test.diagnostic()?.duration ?? 0) }));
  const slowest = timed.toSorted((one, other) => other.ms - one.ms).slice(0, SLOWEST);
  if (slowest.length < 2) return [];
  return [
    `The slowest ${slowest.length} of ${timed.length} tests:`,
    ...slowest.map(({ test, ms }) => `${String(ms).padStart(7)} ms  ${nameOf(test)}`),
    '',
  ];
}

function nameOf({ module, fullName }: TestCase): string {
  return `${module.relativeModuleId} > ${fullName}`;
}

function firstFailureOf(test: TestCase): string {
  const message = test.result().errors?.[0]?.message ?? 'an error without a message';
  return message.length > MESSAGE_CHARACTERS ? `${message.slice(0, MESSAGE_CHARACTERS)} …` : message;
}

// vitest loads a reporter by its default export.
export default ClosingLineReporter;
