import { existsSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, parse, UsageError } from '../command.ts';
import { isCheckout } from '../programs.ts';
import { projectFiles } from '../templates/project-files.ts';

/** `bottle init`: a project that runs. */
export const init: Command = {
  summary: 'makes a new project',
  usage: `Usage: bottle init <name> [--js]

Makes the directory <name> with a project that runs: bottle dev <name>
  --js   JavaScript instead of TypeScript
`,
  async run(args, context) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: { js: { type: 'boolean' } },
    });
    const [target, ...more] = positionals;
    if (target === undefined || more.length > 0) throw new UsageError('one name, please: bottle init <name>');
    const directory = resolve(context.cwd, target);
    const name = basename(directory);
    if (!/^[a-z][a-z0-9-]*$/.test(name)) {
      throw new UsageError(`"${name}" is no name for a project: a lower-case letter, then letters, digits and "-"`);
    }
    if (existsSync(directory) && readdirSync(directory).length > 0)
      throw new UsageError(`${target} exists and is not empty`);
    const files = projectFiles({ name, javascript: values.js ?? false, sdkVersion: sdkVersionFor(directory) });
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), content);
    }
    const lines = Object.keys(files).map((path) => `  ${target}/${path}`);
    process.stdout.write([`Made ${target}:`, ...lines, '', 'Next:', `  npx bottle dev ${target}`, ''].join('\n'));
    return 0;
  },
};

/** In a checkout the SDK is the checkout's; elsewhere the published one. */
function sdkVersionFor(directory: string): string {
  if (!isCheckout()) return '^0.1.0';
  const sdk = dirname(fileURLToPath(import.meta.resolve('bottle-sdk/package.json')));
  return `file:${relative(directory, sdk)}`;
}
