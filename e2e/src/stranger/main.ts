// `npm run e2e:stranger`: packs what users install, and does with it what somebody does who has never seen this
// repository, in a bare directory, with the Node.js that the machine has: npm, pnpm, and (with Node.js 24) yarn
// and its node_modules linker.
// Needs the npm registry. Exit codes: 0 fine, 1 something failed, 64 bad usage.
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../harness/process.ts';
import { installedSize } from './installed-size.ts';
import { type Manager, NPM, PNPM, provideManagers, YARN } from './managers.ts';
import {
  addFailingFunction,
  build,
  checkTestTypes,
  endedStarter,
  endsWithItsStarter,
  PORTS,
  type Project,
  reload,
  served,
  start,
  usesApi,
} from './project.ts';
import { attempt, fetched, run, type ShellOptions, strangersEnvironment } from './shell.ts';
import { Steps } from './steps.ts';
import { useTemplates } from './templates.ts';

const MOST_MEGABYTES = 40;
const MOST_PACKAGES = 120;
const USAGE = 'Usage: npm run e2e:stranger -- [--keep]\n\n  --keep   leaves the projects, and says where they are\n';

const scratch = await mkdtemp(join(tmpdir(), 'bottle-stranger-'));
const steps = new Steps();
const shell: ShellOptions = { cwd: scratch, env: strangersEnvironment() };

interface Tarballs {
  cli: string;
  sdk: string;
  create: string;
}

async function pack(): Promise<Tarballs> {
  const out = join(scratch, 'packages');
  const command = [process.execPath, '--conditions=source', join(ROOT, 'scripts/release/main.ts'), '--out', out];
  const { stdout } = await steps.step('npm run release', () => run(command, { ...shell, cwd: ROOT }));
  process.stdout.write(stdout.replace(/^/gm, '         ').trimEnd());
  process.stdout.write('\n');
  const find = (name: string): string => new RegExp(`^\\S*/${name}-\\d\\S*`, 'm').exec(stdout)?.[0] ?? '';
  return { cli: find('bottle-cli'), sdk: find('bottle-sdk'), create: find('create-bottle') };
}

/** `init`, install, and everything after it. */
async function strangerWith(manager: Manager, { cli, sdk }: Tarballs, options: ShellOptions): Promise<Project> {
  steps.heading(`${manager.name} ${(await run([manager.name, '--version'], options)).stdout.trim()}`);
  const directory = join(scratch, manager.name);
  await mkdir(directory);
  const init = ['npx', '--yes', '--package', cli, 'bottle', 'init', 'shop', ...manager.initOptions];
  await steps.step('bottle init shop', () => run(init, { ...options, cwd: directory }));
  const project: Project = { manager, steps, env: options.env, cwd: join(directory, 'shop') };
  await steps.step('install', () => fetched(manager.install([cli, sdk]), project));
  await addFailingFunction(project.cwd);
  await checkTestTypes(project);
  await start(project);
  await endsWithItsStarter(project);
  await reload(project);
  await build(project, join(directory, 'bundle'));
  return project;
}

/** Types that need nothing which is not installed. */
async function checkOurTypes({ cwd, env, manager }: Project): Promise<void> {
  const strict = { extends: './tsconfig.json', compilerOptions: { skipLibCheck: false } };
  await writeFile(join(cwd, 'tsconfig.strict.json'), JSON.stringify(strict));
  await steps.step('our types by themselves', () =>
    run(manager.program('tsc', '-p', 'tsconfig.strict.json'), { cwd, env }),
  );
}

async function checkSize(project: Project): Promise<void> {
  const figure = ({ packages, megabytes }: { packages: number; megabytes: number }): string =>
    `${packages} packages, ${megabytes.toFixed(1)} MB`;
  await steps.step(
    `a pod is at most ${MOST_PACKAGES} packages and ${MOST_MEGABYTES} MB`,
    async () => {
      const size = await installedSize(project);
      if (size.packages > MOST_PACKAGES || size.megabytes > MOST_MEGABYTES) throw new Error(figure(size));
      return size;
    },
    figure,
  );
}

/** A runner of scripts that is killed; what it started is started by npm. */
async function underConcurrently(project: Project): Promise<void> {
  await fetched(['npm', 'install', '--no-save', 'concurrently@9'], project);
  await endedStarter('SIGKILL', ['npx', 'concurrently', '--raw', NPM.script('start', ...PORTS).join(' ')], project);
}

/** An SDK of another version: one line, exit code 78. */
async function refuseOutOfStep({ cwd, env }: Project): Promise<void> {
  const file = join(cwd, 'node_modules/bottle-sdk/package.json');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/"version": "[^"]*"/, '"version": "9.9.9"'));
  await steps.step(
    'an SDK of another version is refused',
    async () => {
      const { code, output } = await attempt(['npx', 'bottle', 'check'], { cwd, env });
      if (code !== 78 || !/^bottle-sdk 9\.9\.9 .*\n$/.test(output)) throw new Error(`${code}: ${output}`);
      return output.trim();
    },
    (line) => line,
  );
  await writeFile(file, text);
}

/** Where the machine's own Node.js is old: one line that says what to do, exit code 64. */
async function refuseOldNode({ cwd, env }: Project): Promise<void> {
  const { stdout: version } = await run(['node', '--version'], shell);
  const name = `the command on Node.js ${version.trim()}, without the project's`;
  const isOld = Number(/^v(\d+)/.exec(version)?.[1]) < 24;
  await steps.step(
    name,
    async () => {
      const { code, output } = await attempt(['node', 'node_modules/bottle-cli/bin/bottle.js', '--version'], {
        cwd,
        env,
      });
      if (code !== (isOld ? 64 : 0) || output.trim().includes('\n')) throw new Error(`${code}: ${output}`);
      return output.trim();
    },
    (line) => line,
  );
}

async function main(): Promise<void> {
  const { stdout: node } = await run(['node', '--version'], shell);
  steps.heading(`a stranger with Node.js ${node.trim()}, in ${scratch}`);
  const tarballs = await pack();
  const project = await strangerWith(NPM, tarballs, shell);
  await served('start --permission, curl', NPM.script('start', '--permission', ...PORTS), project, usesApi);
  await checkSize(project);
  await checkOurTypes(project);
  await refuseOutOfStep(project);
  await refuseOldNode(project);
  await underConcurrently(project);
  await useTemplates(project, join(scratch, 'templates'), (template, name) => {
    return ['npx', '--yes', '--package', tarballs.create, 'create-bottle', name, '--template', template];
  });
  const others = await provideManagers(scratch, shell);
  await strangerWith(PNPM, tarballs, others);
  const newest = { ...others.env, PATH: `${await ownNode()}:${others.env['PATH'] ?? ''}` };
  await strangerWith(YARN, tarballs, { ...others, env: newest });
}

/** A directory for the path with the Node.js that runs this, and nothing else of this repository. */
async function ownNode(): Promise<string> {
  const directory = join(scratch, 'node');
  await mkdir(directory);
  await symlink(process.execPath, join(directory, 'node'));
  return directory;
}

const { keep, help } = parseArgs({ options: { keep: { type: 'boolean' }, help: { type: 'boolean' } } }).values;
if (help) {
  process.stdout.write(USAGE);
} else {
  try {
    await main();
    steps.close(0);
  } catch (error) {
    process.stderr.write(`${String((error as Error).stack)}\n`);
    steps.close(1);
    process.exitCode = 1;
  } finally {
    if (keep) process.stdout.write(`kept: ${scratch}\n`);
    else await rm(scratch, { recursive: true, force: true });
  }
}
