import { realpathSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { BuildProblem } from '../build/build-problem.ts';
import { type Built, buildProject } from '../build/build-project.ts';
import { errorsOf, formatMessages } from '../build/bundle.ts';
import { parseByteSize } from '../build/byte-size.ts';
import { describeProject, type ProjectDescription } from '../build/describe-project.ts';
import { assertReplaceable } from '../build/output-directory.ts';
import { printedReport } from '../build/print-report.ts';
import { refuseMissing } from '../check-needs.ts';
import { type Command, parse, UsageError } from '../command.ts';
import { withDotEnv } from '../dot-env.ts';
import { configArgs, operatorFile } from '../operator-file.ts';
import { projectDirOf } from '../pod-arguments.ts';

const DEFAULT_OUT = '.bottle/build';
const DEFAULT_BUDGET = '10mb';

/** `bottle build`: a directory that the runtime serves as it is, without node_modules. */
export const build: Command = {
  summary: 'bundles a project for the runtime image, with a size report',
  usage: `Usage: bottle build [dir] [options]

Bundles the project in dir (default: here) with its dependencies into a directory that runs as it is, with neither
node_modules nor TypeScript. Afterwards: bottle start <out>
  --out DIR       where to (default: <dir>/${DEFAULT_OUT}); an earlier output there is replaced
  --budget SIZE   what the output may weigh, as "5mb" (custom.build.budget in serverless.yml, ${DEFAULT_BUDGET})
  --config FILE   the operator's file, which must have what functions use  (BOTTLE_CONFIG, <dir>/sidecar.yml when it exists)
  --minify        shorter code, with the names of functions and classes kept (custom.build.minify)
  --json          the size report as JSON

Files that the code reads are copied when package.include in serverless.yml names them; see docs/build.md.
Exit codes: 0 built, 1 over budget (nothing is written) or not writable, 64 bad usage, 70 the code does not compile,
78 a file is wrong, 130 stopped.
`,
  async run(args, context) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: {
        out: { type: 'string' },
        budget: { type: 'string' },
        config: { type: 'string' },
        minify: { type: 'boolean' },
        json: { type: 'boolean' },
      },
    });
    const projectDir = realpathSync(projectDirOf(positionals, context));
    const outDir = values.out === undefined ? resolve(projectDir, DEFAULT_OUT) : resolve(context.cwd, values.out);
    if (values.budget !== undefined && parseByteSize(values.budget) === undefined)
      throw new UsageError(`"${values.budget}" is not a size, such as 5mb, 500kb or 5MiB`);
    assertReplaceable(outDir, projectDir);
    const { env } = withDotEnv(context, projectDir);
    const project = describeProject(projectDir, env);
    if (typeof project === 'number') return project;
    const configFile = operatorFile(values.config, projectDir, { ...context, env });
    const refused = await refuseMissing(project, { args: configArgs(configFile), env, validates: false });
    if (refused !== undefined) return refused;
    const budget = values.budget ?? project.packaging.budget ?? DEFAULT_BUDGET;
    const budgetBytes = parseByteSize(String(budget)) ?? 0;
    const minify = values.minify ?? project.packaging.minify;

    const isColoredOn = ({ isTTY }: NodeJS.WriteStream): boolean => isTTY && !context.env['NO_COLOR'];
    try {
      const built = await untilStopped((signal) =>
        buildProject({ project, projectDir, outDir, minify, budgetBytes, signal }),
      );
      if (built === undefined) return 130;
      const { report, isOverBudget, warnings, bundlerWarnings } = built;
      process.stderr.write(await formatMessages(bundlerWarnings, 'warning', isColoredOn(process.stderr)));
      const shownOut = relative(context.cwd, outDir);
      process.stdout.write(
        values.json
          ? json(project, built, outDir, budgetBytes)
          : printedReport({
              service: project.service,
              outDir: shownOut.startsWith('..') ? outDir : shownOut,
              report,
              budgetBytes,
              warnings,
              isColored: isColoredOn(process.stdout),
            }),
      );
      return isOverBudget ? 1 : 0;
    } catch (error) {
      const errors = errorsOf(error);
      if (errors) process.stderr.write(await formatMessages(errors, 'error', isColoredOn(process.stderr)));
      else if (error instanceof BuildProblem) process.stderr.write(`${error.message}\n`);
      else if (isFileError(error)) process.stderr.write(`the output cannot be written: ${error.message}\n`);
      else throw error;
      if (errors) return 70;
      return error instanceof BuildProblem ? error.exitCode : 1;
    }
  },
};

/** A disk that is full, a folder that must not be written to, or that is a mount and cannot be moved. */
function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

/** Undefined when Ctrl-C or SIGTERM came first; what was written by then has been removed. */
async function untilStopped(work: (signal: AbortSignal) => Promise<Built>): Promise<Built | undefined> {
  const stopping = new AbortController();
  const onSignal = (): void => stopping.abort();
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    return await work(stopping.signal);
  } catch (error) {
    if (stopping.signal.aborted) return undefined;
    throw error;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

function json(project: ProjectDescription, built: Built, outDir: string, budgetBytes: number): string {
  const { report, isOverBudget, warnings, bundlerWarnings } = built;
  const document = {
    service: project.service,
    out: isOverBudget ? null : outDir,
    ...report,
    budgetBytes,
    withinBudget: !isOverBudget,
    warnings: [...warnings, ...bundlerWarnings.map(({ text }) => text)],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
