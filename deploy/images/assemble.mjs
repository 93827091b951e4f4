// Puts one of the pod's programs together for an image: compiled code and production dependencies, nothing else, with
// V8's compile cache warmed by running it once. Runs in the build stage of the Dockerfiles, with Node.js and npm alone.
//   node deploy/images/assemble.mjs <sidecar|function-runtime> <target directory>
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

const [program, targetArgument] = process.argv.slice(2);
if (!program || !targetArgument) throw new Error('usage: assemble.mjs <sidecar|function-runtime> <target directory>');
const root = resolve(import.meta.dirname, '../..');
const target = resolve(targetArgument);
const build = mkdtempSync(join(tmpdir(), 'assemble-'));
const QUIET = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
/** Workspaces that end up in an image; the build needs no others. */
const WORKSPACES = ['protos', 'config-file', 'capabilities', 'bottle-sdk', 'function-runtime', 'sidecar'];
/** Files of packages that no program reads. */
const USELESS =
  /(\.(md|markdown|map|d\.ts|d\.cts|d\.mts|ts|flow|yml|html)|^(licen[cs]e|changelog|authors|contributing|makefile).*\.txt)$/i;
const USELESS_DIRECTORIES = new Set([
  'test',
  'tests',
  '__tests__',
  'docs',
  'doc',
  'examples',
  'example',
  'benchmark',
  'benchmarks',
  '.github',
  '@types',
]);

compile();
install();
prune(join(target, 'node_modules'));
await warm();
rmSync(build, { recursive: true });

/** Compiles a copy of the sources, with the TypeScript of the lock file and without the rest of the development tools. */
function compile() {
  const manifest = readJson(join(root, 'package.json'));
  const { typescript, protobufjs, ...others } = manifest.devDependencies;
  const devDependencies = { typescript, protobufjs, '@types/node': others['@types/node'] };
  for (const name of ['package-lock.json', 'tsconfig.base.json']) cpSync(join(root, name), join(build, name));
  for (const name of WORKSPACES) {
    const filter = (path) => !/\/(node_modules|dist|\.bottle)$|\.test\.ts$/.test(path);
    cpSync(join(root, name), join(build, name), { recursive: true, filter });
    dropTestReferences(join(build, name, 'tsconfig.json'));
  }
  writeFileSync(join(build, 'package.json'), JSON.stringify({ ...manifest, workspaces: WORKSPACES, devDependencies }));
  run('npm', ['install', ...QUIET], build);
  run(process.execPath, ['node_modules/typescript/bin/tsc', '-b', program], build);
}

/** References to workspaces that only tests need. */
function dropTestReferences(file) {
  const { references = [], ...config } = readJson(file);
  const kept = references.filter(({ path }) => WORKSPACES.includes(basename(path)));
  writeFileSync(file, JSON.stringify({ ...config, references: kept }));
}

/** The program's own production dependencies, and the compiled workspaces among them. */
function install() {
  mkdirSync(target, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) cpSync(join(build, name), join(target, name));
  for (const name of WORKSPACES) {
    mkdirSync(join(target, name), { recursive: true });
    cpSync(join(root, name, 'package.json'), join(target, name, 'package.json'));
  }
  run('npm', ['install', '--omit=dev', '--omit=peer', '-w', program, ...QUIET], target);
  const needed = new Set([program, ...dependenciesOf(program)]);
  for (const name of WORKSPACES) {
    if (!needed.has(name)) {
      rmSync(join(target, name), { recursive: true });
      continue;
    }
    cpSync(join(build, name, 'dist'), join(target, name, 'dist'), {
      recursive: true,
      filter: (path) => !/\.(d\.ts|d\.ts\.map|tsbuildinfo)$/.test(path),
    });
    if (name === 'protos') {
      for (const folder of ['bottle', 'grpc'])
        cpSync(join(root, name, folder), join(target, name, folder), { recursive: true });
    }
  }
  rmSync(join(target, 'package-lock.json'));
  cpSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
}

/** Folders of the workspaces that a workspace needs, directly or not. */
function dependenciesOf(folder) {
  const byName = new Map(WORKSPACES.map((name) => [readJson(join(root, name, 'package.json')).name, name]));
  const { dependencies = {} } = readJson(join(root, folder, 'package.json'));
  return Object.keys(dependencies).flatMap((name) => {
    const own = byName.get(name);
    return own ? [own, ...dependenciesOf(own)] : [];
  });
}

function prune(directory) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isSymbolicLink()) {
      if (!existsSync(path)) rmSync(path);
    } else if (entry.isDirectory()) {
      if (USELESS_DIRECTORIES.has(entry.name) && basename(directory) !== 'dist') rmSync(path, { recursive: true });
      else prune(path);
    } else if (USELESS.test(entry.name)) rmSync(path);
  }
}

/** Starts the program as the image will, waits until it has begun its work, and stops it: it leaves compiled code. */
async function warm() {
  const scratch = mkdtempSync(join(tmpdir(), 'warm-'));
  const cache = join(target, 'compile-cache');
  const args =
    program === 'sidecar'
      ? ['--port', '0', '--admin-port', '0', '--data-dir', scratch, '--drain-propagation-ms', '0']
      : [sampleProject(scratch)];
  const child = spawn(
    process.execPath,
    [...flagsOfImage(), join(target, program, 'dist/main.js'), ...args, '--socket-dir', scratch],
    {
      env: { ...process.env, NODE_COMPILE_CACHE: cache, NODE_ENV: 'production' },
      cwd: scratch,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  await new Promise((started, failed) => {
    let log = '';
    child.stdout.on('data', (chunk) => {
      log += chunk;
      if (/"msg":"(sidecar listens|runtime serves)/.test(log)) started();
    });
    child.once('exit', (code) => failed(new Error(`${program} ended with ${code} instead of starting:\n${log}`)));
    setTimeout(failed, 60_000, new Error(`${program} did not start within a minute`)).unref();
  });
  child.removeAllListeners('exit');
  await new Promise((stopped) => {
    setTimeout(() => child.kill('SIGTERM'), 1_500);
    child.once('exit', stopped);
  });
  rmSync(scratch, { recursive: true });
  makeReadable(cache);
}

/** A project of one function. */
function sampleProject(directory) {
  writeFileSync(join(directory, 'serverless.yml'), 'service: warm\nfunctions:\n  one:\n    handler: one.one\n');
  writeFileSync(join(directory, 'one.mjs'), "export { bottle as one } from 'bottle-sdk';\n");
  return directory;
}

/** Compiled code fits the flags it was made with: those of the image's ENTRYPOINT. */
function flagsOfImage() {
  const file = join(root, program === 'sidecar' ? 'Dockerfile.sidecar' : 'Dockerfile.runtime');
  const [, list] = /^ENTRYPOINT (\[.*\])$/m.exec(readFileSync(file, 'utf8')) ?? [];
  return JSON.parse(list).filter((argument) => argument.startsWith('--'));
}

/** The image's user is not the one that built it. */
function makeReadable(directory) {
  chmodSync(directory, 0o755);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) makeReadable(path);
    else chmodSync(path, 0o644);
  }
}

function run(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed`);
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
