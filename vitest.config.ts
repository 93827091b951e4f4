import { defineConfig } from 'vitest/config';

const notOurs = ['**/node_modules/**', '**/dist/**'];
/** What is measured, in milliseconds, bytes or shares of a load: tests beside it would be measured, too. */
const measured = ['e2e/src/{scale,overload}/**/*.test.ts', '**/*-scale.integration.test.ts', '**/*.alone.test.ts'];
const shared = { resolve: { conditions: ['source'] }, ssr: { resolve: { conditions: ['source'] } } };

export default defineConfig({
  test: {
    reporters: ['default', './scripts/closing-line-reporter.ts'],
    globalSetup: ['./test-servers/src/vitest-global-setup.ts'],
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          // For two cores: they wait for a fifth of their time. First, and alone: some of these count milliseconds.
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
          include: [
            '{protos,config-file,capabilities,bottle-sdk,gateway-client,function-runtime,sidecar,bench,scripts}/**/*.test.ts',
            'examples/**/*.test.ts',
            'cli/**/*.test.ts',
          ],
          exclude: [...notOurs, '**/*.e2e.test.ts', '**/*.integration.test.ts', '**/*.alone.test.ts'],
          testTimeout: 20_000,
          // No module has state of its own, so files can share their modules: half of a run's time was loading them anew.
          isolate: false,
        },
      },
      {
        ...shared,
        test: {
          name: 'processes',
          // Tests of processes wait more than they compute: with two workers they used 60 % of two cores.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
          include: ['e2e/**/*.test.ts', '**/*.e2e.test.ts', '**/*.integration.test.ts'],
          exclude: [...notOurs, ...measured],
          maxConcurrency: 2,
          testTimeout: 90_000,
          hookTimeout: 60_000,
          // Machines stall: a test of real processes may meet a pause of seconds. The closing lines name who needed this,
          // and each one is to be made deterministic.
          retry: 1,
        },
      },
      {
        ...shared,
        test: {
          name: 'alone',
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
          include: measured,
          exclude: notOurs,
          testTimeout: 90_000,
          hookTimeout: 60_000,
          retry: 1,
        },
      },
    ],
  },
});
