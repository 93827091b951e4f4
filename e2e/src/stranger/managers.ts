import { join } from 'node:path';
import { fetched, run, type ShellOptions } from './shell.ts';

/** How people of one package manager say things. */
export interface Manager {
  name: string;
  /** For `bottle init`. */
  initOptions: readonly string[];
  /** Installs the tarballs, and all else that the project names. */
  install(tarballs: readonly string[]): string[];
  script(name: string, ...args: string[]): string[];
  /** A program of an installed package. */
  program(...command: string[]): string[];
}

export const NPM: Manager = {
  name: 'npm',
  initOptions: [],
  install: (tarballs) => ['npm', 'install', ...tarballs],
  script: (name, ...args) => ['npm', 'run', name, ...(args.length > 0 ? ['--', ...args] : [])],
  program: (...command) => ['npx', ...command],
};

export const PNPM: Manager = {
  name: 'pnpm',
  initOptions: [],
  install: (tarballs) => ['pnpm', 'add', ...tarballs],
  script: (name, ...args) => ['pnpm', 'run', name, ...args],
  program: (...command) => ['pnpm', 'exec', ...command],
};

export const YARN: Manager = {
  name: 'yarn',
  initOptions: ['--no-node'], // it cannot install the package `node`
  install: (tarballs) => [
    'yarn',
    'add',
    ...tarballs.map((file) => `${file.slice(file.lastIndexOf('/') + 1).replace(/-\d.*$/, '')}@file:${file}`),
  ],
  script: (name, ...args) => ['yarn', 'run', name, ...args],
  program: (...command) => ['yarn', 'exec', ...command],
};

const PINNED = ['pnpm@12.21.0', '@yarnpkg/cli-dist@4.18.1'] as const;

/** Puts pnpm and yarn on the path, with their caches in `scratch`. */
export async function provideManagers(scratch: string, options: ShellOptions): Promise<ShellOptions> {
  await fetched(['npm', 'install', '--prefix', join(scratch, 'managers'), '--no-save', ...PINNED], options);
  const { stdout: registry } = await run(['npm', 'config', 'get', 'registry'], options);
  const env = {
    ...options.env,
    PATH: `${join(scratch, 'managers/node_modules/.bin')}:${options.env['PATH'] ?? ''}`,
    XDG_DATA_HOME: join(scratch, 'data'),
    YARN_GLOBAL_FOLDER: join(scratch, 'yarn'),
    YARN_NODE_LINKER: 'node-modules',
    YARN_NPM_REGISTRY_SERVER: registry.trim().replace(/\/$/, ''),
    YARN_ENABLE_IMMUTABLE_INSTALLS: 'false', // it would be on where CI is set
    CI: '',
  };
  return { ...options, env };
}
