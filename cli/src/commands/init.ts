import { existsSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isCheckout } from '../checkout.ts';
import { type Command, type CommandContext, parse, UsageError } from '../command.ts';
import { nearest } from '../nearest.ts';
import { type PackageVersions, projectFiles } from '../templates/project-files.ts';
import { isTemplateName, TEMPLATES, type TemplateName } from '../templates/templates.ts';
import { ownVersion } from '../version.ts';

/** `bottle init`: a project that runs. */
export const init: Command = {
  summary: 'makes a new project',
  usage: `Usage: bottle init <name> [--template TEMPLATE] [--js]

Makes the directory <name> with a project that runs, and a first test.
  --template TEMPLATE  what the first functions are for (api):
${describeTemplates('                         ')}
  --js                 JavaScript instead of TypeScript
  --no-node            Node.js 24 or newer is installed here; otherwise npm and pnpm install it with the project's dependencies
`,
  async run(args, context) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: { js: { type: 'boolean' }, template: { type: 'string' }, 'no-node': { type: 'boolean' } },
    });
    const [target, ...more] = positionals;
    const swallowed = takenByNpm(context.env);
    if (swallowed) {
      const message = `npm keeps "--${swallowed}" to itself: put "--" before the options, as in bottle init shop -- --template mq`;
      throw new UsageError(message);
    }
    if (target === undefined || more.length > 0) throw new UsageError('one name, please: bottle init <name>');
    const template = templateOf(values.template ?? 'api');
    const directory = resolve(context.cwd, target);
    const name = basename(directory);
    if (!/^[a-z][a-z0-9-]*$/.test(name)) {
      const expected = 'a lower-case letter, then lower-case letters, digits and "-"';
      throw new UsageError(`"${name}" cannot be the name of a project; expected ${expected}, such as "my-shop"`);
    }
    if (existsSync(directory) && readdirSync(directory).length > 0)
      throw new UsageError(`${target} exists and is not empty: choose another name, or remove it first`);
    const versions = await versionsFor(directory);
    const files = projectFiles({
      name,
      template,
      javascript: values.js ?? false,
      versions,
      bringsNode: !values['no-node'] && !isYarn(context.env),
    });
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), content);
    }
    const lines = Object.keys(files).map((path) => `  ${join(target, path)}`);
    const isHere = directory === resolve(context.cwd);
    const next = [...(isHere ? [] : [`  cd ${target}`]), '  npm install', '  npm run dev'];
    process.stdout.write([`Made ${isHere ? name : target}:`, ...lines, '', 'Next:', ...next, ''].join('\n'));
    return 0;
  },
};

/** `npm create bottle shop --js`: without `--` before them npm takes options for its own, and passes none of them on. */
function takenByNpm(env: CommandContext['env']): string | undefined {
  if (env['npm_command'] !== 'init') return undefined;
  return ['template', 'js'].find((option) => env[`npm_config_${option}`]);
}

/** Yarn runs the install script of the package `node` by the `node` that the script is to bring, and fails. */
function isYarn({ npm_config_user_agent: manager = '' }: CommandContext['env']): boolean {
  return manager.startsWith('yarn/');
}

function templateOf(name: string): TemplateName {
  if (isTemplateName(name)) return name;
  const meant = nearest(name, Object.keys(TEMPLATES));
  const hint = meant ? `; did you mean "${meant}"?` : '.';
  throw new UsageError(`there is no template "${name}"${hint} There are:\n${describeTemplates('  ')}`);
}

function describeTemplates(indent: string): string {
  const lines = Object.entries(TEMPLATES).map(([name, { summary }]) => `${indent}${name.padEnd(12)} ${summary}`);
  return lines.join('\n');
}

/** The released packages of this version; in a checkout, which is of no released version, packages made from it. */
async function versionsFor(directory: string): Promise<PackageVersions> {
  if (!isCheckout()) return { cli: `^${ownVersion()}`, sdk: `^${ownVersion()}` };
  const { packCheckout } = await import('../checkout-packages.ts');
  return packCheckout(directory);
}
