// Runs before `npm start` and `npm test`, on whatever Node.js the machine has: installs the dependencies when they are
// not there or the lock file has changed since. They bring the Node.js that everything else runs on.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';

const root = new URL('../', import.meta.url).pathname;
const installed = `${root}node_modules/.package-lock.json`;
const lock = `${root}package-lock.json`;

const fresh = existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs;
if (!fresh) {
  process.stderr.write('Installing dependencies (once) …\n');
  // Not `npm ci`: it wants the binaries of every platform in the lock file, and a registry may have only this one's.
  const flags = ['--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', ['install', ...flags], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    process.stderr.write('npm install failed; the lines above say why.\n');
    process.exit(status ?? 1);
  }
}
const node = spawnSync(`${root}node_modules/.bin/node`, ['--version'], { encoding: 'utf8' }).stdout ?? '';
if (!(Number(/^v(\d+)/.exec(node)?.[1]) >= 24) && Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    'Bottle needs Node.js 24 or newer, and the one from the npm package "node" does not run here; install it.\n',
  );
  process.exit(1);
}
