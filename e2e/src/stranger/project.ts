// What a stranger does with a new project, whatever the package manager.
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manager } from './managers.ts';
import { ServedProject } from './served-project.ts';
import { run, type ShellOptions } from './shell.ts';
import type { Steps } from './steps.ts';

export const PORTS = ['--port', '0', '--admin-port', '0', '--rpc-port', '0'];
/** A function that fails on a line of its own, which stack traces must name; types before it move lines of compiled code. */
const FAIL_TS = `interface Reason {
  text: string;
}

export function fail(): never {
  throw reasonOf({ text: 'as ordered' });
}

function reasonOf(reason: Reason): Error {
  return new Error(reason.text);
}
`;
const FAIL_YML = `  fail:
    handler: src/fail.fail
    uses: []
    events:
      - http: { path: /fail, method: get }
`;
/** In the log, whatever the code was compiled to. */
const FAILING_PLACE = 'src/fail.ts:10';

export interface Project extends ShellOptions {
  manager: Manager;
  steps: Steps;
}

/** Adds a function that fails. */
export async function addFailingFunction(cwd: string): Promise<void> {
  const manifest = join(cwd, 'serverless.yml');
  await writeFile(manifest, (await readFile(manifest, 'utf8')) + FAIL_YML);
  await writeFile(join(cwd, 'src/fail.ts'), FAIL_TS);
}

export async function checkTestTypes({ manager, steps, ...shell }: Project): Promise<void> {
  await steps.step('check', () => run(manager.script('check'), shell));
  await steps.step('test', () => run(manager.script('test'), shell));
  await steps.step('tsc -p .', () => run(manager.program('tsc', '-p', '.'), shell));
}

/** Starts the project by a command and hands it over; afterwards Ctrl-C, which must end it all. */
export async function served(
  name: string,
  command: readonly string[],
  { steps, cwd, env }: Project,
  use: (project: ServedProject) => Promise<string | undefined>,
): Promise<void> {
  const project = new ServedProject(command, { cwd, env });
  try {
    await steps.step(
      name,
      () => use(project),
      (figure) => figure ?? '',
    );
    await steps.step(
      'Ctrl-C',
      () => project.interrupt(),
      (ending) => ending,
    );
  } finally {
    await project.kill();
  }
}

/** What the API template answers, the cache and the stack of an error included. */
export async function usesApi(project: ServedProject): Promise<undefined> {
  await project.answers('/hello/you', '200 {"hello":"you"}');
  await project.answers('/greetings', '200 hello Ada\nhello Grace\nhello Radia\n');
  await project.answers('/visits/home', '200 {"page":"home","visits":1}', { method: 'POST' });
  const { status } = await project.get('/fail');
  if (status !== 500) throw new Error(`a function that throws is answered with ${status}`);
  await project.says(FAILING_PLACE);
  return undefined;
}

/** `start`, requests, Ctrl-C. */
export async function start(project: Project): Promise<void> {
  await served('start, curl', project.manager.script('start', ...PORTS), project, usesApi);
}

/** Whoever started it ends alone, by each way to start it. */
export async function endsWithItsStarter(project: Project): Promise<void> {
  const { manager } = project;
  await endedStarter('SIGKILL', manager.script('start', ...PORTS), project);
  await endedStarter('SIGTERM', manager.script('start', ...PORTS), project);
  await endedStarter('SIGKILL', manager.program('bottle', 'dev', ...PORTS), project);
}

/** A signal to the process that was started, and to no other. */
export async function endedStarter(
  signal: 'SIGKILL' | 'SIGTERM',
  command: readonly string[],
  { steps, cwd, env }: Project,
): Promise<void> {
  const project = new ServedProject(command, { cwd, env });
  try {
    await project.answers('/hello/you', '200 {"hello":"you"}');
    await steps.step(
      `${signal} to ${command.slice(0, 3).join(' ')}`,
      () => project.endStarter(signal),
      (ending) => ending,
    );
  } finally {
    await project.kill();
  }
}

/** `dev`, a change, the new answer, Ctrl-C. */
export async function reload(project: Project): Promise<void> {
  const source = join(project.cwd, 'src/hello.ts');
  const text = await readFile(source, 'utf8');
  await served('dev, curl, a change', project.manager.script('dev', ...PORTS), project, async (pod) => {
    await pod.answers('/hello/you', '200 {"hello":"you"}');
    await writeFile(source, text.replace('{ hello: ctx', '{ hallo: ctx'));
    await pod.answers('/hello/you', '200 {"hallo":"you"}');
    await pod.says('reloaded in');
    return `reloaded in ${pod.find(/reloaded in (\d+ ms)/)}`;
  });
  await writeFile(source, text);
}

/** `build`, then the bundle by itself, far from any node_modules. */
export async function build(project: Project, elsewhere: string): Promise<void> {
  const { manager, steps, cwd } = project;
  await steps.step('build', () => run(manager.script('build'), project));
  await cp(join(cwd, '.bottle/build'), elsewhere, { recursive: true });
  await served('the bundle, curl', manager.program('bottle', 'start', elsewhere, ...PORTS), project, usesApi);
}
