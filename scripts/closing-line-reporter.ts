import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';

/** How many of a run's slowest tests are named. */
const SLOWEST = 20;

/** How much of a failure's message is repeated: a line, not the page of metrics that an assertion may quote. */
const MESSAGE_CHARACTERS = 300;

/**
 * Closes a run with one plain line that any CI can read: "12 passed, 0 failed, 1 skipped". Above it, the slowest tests;
 * what failed, setting up and tidying up included, which a log whose beginning is lost would not name; and the tests that
 * passed on a second try only, each with what the first one failed with: a busy machine, or something to look into.
 */
class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
    const broken = modules
      .flatMap((module) => [module, ...module.children.allSuites()])
      .filter((suite) => suite.errors().length > 0);
    const failed = tests.filter((test) => test.result().state === 'failed');
    const retried = tests.filter((test) => test.diagnostic()?.flaky === true);
    const lines = [
      ...slowestOf(tests),
      ...broken.map(
        (suite) => `FAILED BEFORE ITS TESTS, OR AFTER: ${suiteName(suite)}: ${shortened(suite.errors()[0])}`,
      ),
      ...failed.map((test) => `FAILED: ${nameOf(test)}: ${firstFailureOf(test)}`),
      ...retried.map((test) => `PASSED ON A SECOND TRY ONLY: ${nameOf(test)}: ${firstFailureOf(test)}`),
      `${count('passed')} passed, ${count('failed') + broken.length + errors.length} failed, ${count('skipped')} skipped`,
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

function suiteName(suite: TestModule | TestSuite): string {
  return suite.type === 'module' ? suite.relativeModuleId : `${suite.module.relativeModuleId} > ${suite.fullName}`;
}

function firstFailureOf(test: TestCase): string {
  return shortened(test.result().errors?.[0]);
}

function shortened(error: { message: string } | undefined): string {
  const message = error?.message ?? 'an error without a message';
  return message.length > MESSAGE_CHARACTERS ? `${message.slice(0, MESSAGE_CHARACTERS)} …` : message;
}

// vitest loads a reporter by its default export.
export default ClosingLineReporter;
