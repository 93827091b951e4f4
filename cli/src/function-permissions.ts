// What the process that runs functions may do under Node's permission model, as flags for it. It may read its project,
// packages and the directory for temporary files, and write to the latter; not the operator's file, nor what the
// sidecar keeps, although both are in the project as a rule. Nothing else: no other files, no child processes, no
// threads, no add-ons, no node:sqlite (which does not ask for permission).
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';

/** Of Bottle itself; in a checkout they are linked. */
const OWN_PACKAGES = Object.freeze([
  '@bottle/function-runtime',
  '@bottle/protos',
  '@bottle/config-file',
  '@bottle/capabilities',
  'bottle-sdk',
]);
/** Looked for even when they are not there. */
const PROBED_FILES = Object.freeze(['package.json', 'serverless.yml', 'serverless.yaml', 'f.yml']);
/** Where the sidecar's embedded drivers keep their data; and the compile cache, which functions may have. */
const STATE_DIR = '.bottle';
const CACHE_DIR = join(STATE_DIR, 'compile-cache');
const HIDDEN = Object.freeze([STATE_DIR, '.git']);

export interface FunctionPermissions {
  projectDir: string;
  /** Root of the package @bottle/function-runtime. */
  runtimeDir: string;
  socketDir: string;
  tempDir: string;
  /** The operator's files, those that they take secrets from, what the sidecar keeps. */
  hidden: readonly string[];
  /** Further paths that functions may read, or read and write. */
  readable: readonly string[];
  writable: readonly string[];
}

/** The flags for Node.js, and where the process keeps compiled code: other processes must not run what it may write. */
export function permissionFlags(options: FunctionPermissions): { flags: string[]; compileCache: string | undefined } {
  const { projectDir, runtimeDir, socketDir, tempDir } = options;
  const compileCache = madeDirectory(join(projectDir, CACHE_DIR));
  const writable = [socketDir, tempDir, ...options.writable, ...(compileCache ? [compileCache] : [])].map(realPath);
  const hidden = [...HIDDEN.map((name) => join(projectDir, name)), ...options.hidden].map(realPath);
  const roots = [projectDir, ...packageRoots(projectDir, projectDependencies(projectDir))];
  roots.push(runtimeDir, ...packageRoots(runtimeDir, OWN_PACKAGES), ...options.readable);
  const readable = [
    ...roots.flatMap((root) => visibleParts(realPath(root), hidden)),
    ...PROBED_FILES.map((name) => join(realPath(projectDir), name)),
    ...writable,
  ];
  const { allowedNodeEnvironmentFlags: known } = process;
  return {
    compileCache,
    flags: [
      '--permission',
      '--allow-worker', // for the watchdog; given up before functions are loaded
      '--disable-warning=PERM0006',
      ...(known.has('--no-experimental-sqlite') ? ['--no-experimental-sqlite'] : []),
      ...(known.has('--allow-net') ? ['--allow-net'] : []), // newer than 24
      ...unique(readable).map((path) => `--allow-fs-read=${path}`),
      ...unique(writable).map((path) => `--allow-fs-write=${path}`),
    ],
  };
}

/** A directory without what is hidden in it: itself, or those of its entries that have nothing hidden. */
function visibleParts(path: string, hidden: readonly string[]): string[] {
  if (hidden.some((secret) => path === secret || path.startsWith(secret + sep))) return [];
  if (!hidden.some((secret) => secret.startsWith(path + sep))) return [path];
  return readdirSync(path).flatMap((name) => visibleParts(join(path, name), hidden));
}

/** Every node_modules that code in `directory` finds packages in, and where links among them lead. */
function packageRoots(directory: string, linked: readonly string[]): string[] {
  const roots: string[] = [];
  for (let parent = directory; ; parent = dirname(parent)) {
    const packages = join(parent, 'node_modules');
    if (existsSync(packages)) roots.push(packages, ...linked.map((name) => join(packages, name)).filter(isLink));
    if (parent === dirname(parent)) return roots;
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true && existsSync(path);
}

function projectDependencies(projectDir: string): string[] {
  try {
    const text = readFileSync(join(projectDir, 'package.json'), 'utf8');
    const { dependencies = {} } = JSON.parse(text) as { dependencies?: Record<string, string> };
    return Object.keys(dependencies);
  } catch {
    return []; // none, or broken, which the runtime reports
  }
}

function madeDirectory(path: string): string | undefined {
  try {
    mkdirSync(path, { recursive: true });
    return path;
  } catch {
    return undefined; // a read-only project starts without the cache
  }
}

/** What the kernel makes of a path, as far as it exists: permissions are compared by text. */
function realPath(path: string): string {
  const absolute = resolve(path);
  if (existsSync(absolute)) return realpathSync(absolute);
  const parent = dirname(absolute);
  return parent === absolute ? absolute : join(realPath(parent), absolute.slice(parent.length));
}

function unique(paths: readonly string[]): string[] {
  return [...new Set(paths)];
}
