import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What Node.js says of a package that is not there: of an import, of a require. Paths and node: modules are no packages. */
const MISSING = /^Cannot find (?:package|module) '((?:@[^/'.]+\/)?[^/'.:][^/':]*)(?:\/[^']*)?'/;

/** The same error; where a package is not installed, its message says what to do. */
export function withInstallHint(error: unknown, projectDir: string): unknown {
  if (!(error instanceof Error)) return error; // anything may be thrown
  const { code, message } = error as Partial<NodeJS.ErrnoException>;
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') return error;
  const name = MISSING.exec(message ?? '')?.[1];
  if (name === undefined) return error;
  const hint = isDeclared(name, projectDir)
    ? 'package.json has it, but it is not installed: run `npm install`'
    : `package.json does not have it: run \`npm install ${name}\``;
  const [first = '', ...rest] = error.message.split('\n');
  error.message = [`${first} (${hint})`, ...rest].join('\n');
  return error;
}

function isDeclared(name: string, projectDir: string): boolean {
  try {
    const manifest = JSON.parse(readFileSync(join(projectDir, 'package.json'), 'utf8')) as Record<string, unknown>;
    return ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'].some((kind) =>
      Object.hasOwn(manifest[kind] ?? {}, name),
    );
  } catch {
    return false; // no package.json, or none that can be read: nothing is declared
  }
}
