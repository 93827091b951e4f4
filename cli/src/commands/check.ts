import { checkNeeds, CONFIG_PROBLEM, type NeedsCheck } from '../check-needs.ts';
import { checkProject, type CheckedProject } from '../check-project.ts';
import { type Command, parse } from '../command.ts';
import { withDotEnv } from '../dot-env.ts';
import { functionEnvironment } from '../function-environment.ts';
import { operatorFiles } from '../function-process.ts';
import { functionTable } from '../function-table.ts';
import { configArgs, operatorFile } from '../operator-file.ts';
import { projectDirOf } from '../pod-arguments.ts';
import { podProblems } from '../pod-problems.ts';

/** `bottle check`: says what is wrong with a project before it runs. */
export const check: Command = {
  summary: 'validates the files, loads the code, prints the function table',
  usage: `Usage: bottle check [dir] [--config FILE] [--json]

Validates serverless.yml and sidecar.yml, loads every function, looks whether the resources that they use are there, and
prints the function table. What does not work in a pod of the project that runs here (BOTTLE_ADMIN_PORT, admin.port, 9901) is a warning.
Exit codes: 0 fine, 70 a function does not load, 78 a file is wrong (every problem is listed, with its line).
`,
  async run(args, surroundings) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean' }, config: { type: 'string' } },
    });
    const projectDir = projectDirOf(positionals, surroundings);
    const context = withDotEnv(surroundings, projectDir);
    const configFile = operatorFile(values.config, projectDir, context);
    const env = functionEnvironment(context.env, operatorFiles({ projectDir, configFile, context }));
    const { code, project, errors } = await checkProject(projectDir, env);
    const settings = await checkNeeds(project ?? { functions: [], needs: [] }, {
      args: configArgs(configFile),
      env: context.env,
      validates: true,
    });
    const reasons = new Set(project?.functions.map(({ reason }) => reason));
    for (const error of errors) if (!reasons.has(error)) process.stderr.write(`${error}\n`);
    if (!project) return code;
    const { problems = [], text = '', warnings = [] } = settings.report ?? {};
    if (text !== '') process.stderr.write(`${text}\n`);
    const running = (await podProblems(projectDir, context)).map((problem) => `in the pod that runs: ${problem}`);
    const { needs: _needs, ...shown } = { ...project, warnings: [...project.warnings, ...warnings, ...running] };
    process.stdout.write(
      values.json ? `${JSON.stringify({ ...shown, problems })}\n` : describe(shown, closingLine(settings)),
    );
    if (settings.code !== 0) return settings.code;
    return problems.length > 0 ? CONFIG_PROBLEM : code;
  },
};

const NEEDS_POD = 'the code calls the bottle as it is loaded, for which check has no pod: it is not checked';

type Shown = Omit<CheckedProject, 'needs'>;

function describe({ service, warnings, functions }: Shown, closing: string): string {
  const failed = functions.filter(({ state }) => state === 'failed');
  const unchecked = functions.filter(({ state }) => state === 'unchecked').map(({ name }) => name);
  const byReason = Map.groupBy(failed, ({ reason = '' }) => reason);
  const lines = [
    `${service}: ${functions.length} ${functions.length === 1 ? 'function' : 'functions'}`,
    '',
    functionTable(functions),
    ...warnings.map((warning) => `warning: ${warning}`),
    ...(unchecked.length > 0 ? [`warning: ${unchecked.join(', ')}: ${NEEDS_POD}`] : []),
    ...[...byReason].map(([reason, of]) => `error: ${namesOf(of)} not load: ${reason}`),
    failed.length > 0 ? `${failed.length} of ${functions.length} functions do not load` : closing,
  ];
  return `${lines.join('\n')}\n`;
}

function namesOf(functions: readonly { name: string; place?: string }[]): string {
  const names = functions.map(({ name, place }) => (place === undefined ? name : `${name} (${place})`));
  return `${names.join(', ')} ${names.length === 1 ? 'does' : 'do'}`;
}

/** For functions that all load. */
function closingLine({ code, report }: NeedsCheck): string {
  if (code !== 0) return 'the functions load; the settings of the sidecar are wrong, see above';
  return report?.text === '' ? 'ok' : 'the functions load, and use what is not there, see above';
}
