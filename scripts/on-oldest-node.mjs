// Runs a command with the oldest Node.js that is supported first on the path:
//   node scripts/on-oldest-node.mjs vitest run --project unit
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const OLDEST = '24.21.0';

const [command, ...args] = process.argv.slice(2);
if (command === undefined) {
  process.stderr.write('Usage: node scripts/on-oldest-node.mjs COMMAND [ARGUMENT …]\n');
  process.exit(64);
}
const root = new URL('../', import.meta.url).pathname;
const directory = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'bottle', `node-${OLDEST}`);
const programs = join(directory, 'node_modules/node/bin');
if (!existsSync(join(programs, 'node'))) {
  process.stderr.write(`Installing Node.js ${OLDEST} (once) …\n`);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'package.json'), '{ "private": true, "allowScripts": { "node": true } }\n');
  const flags = ['--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', ['install', ...flags, `node@${OLDEST}`], {
    cwd: directory,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) process.exit(status ?? 1);
}
const path = [programs, join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter);
const { stdout } = spawnSync('node', ['--version'], { env: { ...process.env, PATH: path }, encoding: 'utf8' });
if (stdout?.trim() !== `v${OLDEST}`) {
  process.stderr.write(`Node.js ${OLDEST} does not run here: ${stdout}\n`);
  process.exit(1);
}
const { status, error } = spawnSync(command, args, {
  cwd: root,
  env: { ...process.env, PATH: path },
  stdio: 'inherit',
});
if (error) process.stderr.write(`${command}: ${error.message}\n`);
process.exit(status ?? 1);
