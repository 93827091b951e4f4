// Who can open the sockets between the two processes, and who can be taken for one of them.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TestPod, waitFor } from '../harness/pod.ts';
import { ROOT, TestProcess } from '../harness/process.ts';

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

let directory: string;
let pod: TestPod | undefined;
const started: TestProcess[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bs-'));
});
afterEach(async () => {
  await pod?.end();
  pod = undefined;
  for (const each of started.splice(0)) await each.end();
  rmSync(directory, { recursive: true, force: true });
});

function start(name: 'sidecar' | 'runtime', socketDir: string, more: readonly string[] = []): TestProcess {
  const args =
    name === 'sidecar'
      ? [join(ROOT, 'sidecar/src/main.ts'), '--host', '127.0.0.1', '--port', '0', '--admin-port', '0']
      : [join(ROOT, 'function-runtime/src/main.ts'), join(ROOT, 'e2e/functions/intruder')];
  const each = new TestProcess([...args, '--socket-dir', socketDir, ...more]);
  started.push(each);
  return each;
}

/** What another user gets when it connects. */
function connectAs(uid: number, path: string): string {
  const code = `process.setgid(${uid}); process.setuid(${uid}); require('net').connect(${JSON.stringify(path)}).on('connect', () => { console.log('connected'); process.exit(); }).on('error', (e) => console.log(e.code))`;
  return spawnSync(process.execPath, ['-e', code], { encoding: 'utf8', cwd: '/' }).stdout.trim();
}

it('sockets are 0600 in a directory 0700, whatever the umask; another user cannot connect', async () => {
  const socketDir = join(directory, 'sockets');
  const umask = process.umask(0);
  try {
    await start('sidecar', socketDir).said('sidecar listens');
    await start('runtime', socketDir).said('runtime serves');
  } finally {
    process.umask(umask);
  }
  const sockets = ['sidecar.sock', 'runtime.sock'].map((name) => join(socketDir, name));
  expect([modeOf(socketDir), ...sockets.map(modeOf)]).toEqual(['700', '600', '600']);
  if (!isRoot) return; // only root can ask as somebody else; the modes above say the same
  chmodSync(directory, 0o755);
  for (const socket of sockets) {
    expect(connectAs(NOBODY, socket)).toBe('EACCES');
    chmodSync(socketDir, 0o777); // as a volume of a pod is
    expect(connectAs(NOBODY, socket)).toBe('EACCES');
    expect(connectAs(0, socket)).toBe('connected');
  }
});

it.each(['sidecar', 'runtime'] as const)('the %s refuses a symbolic link for its directory', async (name) => {
  mkdirSync(join(directory, 'target'));
  symlinkSync(join(directory, 'target'), join(directory, 'link'));
  const each = start(name, join(directory, 'link'));
  expect(await each.exit()).toBe(69);
  expect(JSON.stringify(each.lines)).toContain('is a symbolic link');
});

it.each(['sidecar', 'runtime'] as const)('the %s closes a directory of its own to other users', async (name) => {
  const socketDir = join(directory, 'open');
  mkdirSync(socketDir);
  chmodSync(socketDir, 0o777);
  await start(name, socketDir).said(name === 'sidecar' ? 'sidecar listens' : 'runtime serves');
  expect(modeOf(socketDir)).toBe('775');
});

it('what the sidecar keeps is for its user alone', async () => {
  const dataDir = join(directory, 'data');
  const file = join(directory, 'sidecar.yml');
  writeFileSync(file, 'resources: { db: { shop: { driver: sqlite } }, mq: { orders: { driver: embedded } } }');
  const umask = process.umask(0);
  try {
    const more = ['--config', file, '--data-dir', dataDir];
    await start('sidecar', join(directory, 'sockets'), more).said('sidecar listens');
  } finally {
    process.umask(umask);
  }
  const kept = ['shop.sqlite', 'orders.mq.sqlite'].map((name) => join(dataDir, name));
  await waitFor(() => kept.every((path) => existsSync(path)), 10_000);
  expect([dataDir, ...kept].map(modeOf)).toEqual(['700', '600', '600']);
});

// Somebody else's files can only be made by root. Elsewhere these show as skipped; the checks have unit tests.
it.runIf(isRoot).each(['sidecar', 'runtime'] as const)('the %s refuses a directory of another user', async (name) => {
  const socketDir = join(directory, 'foreign');
  mkdirSync(socketDir);
  chownSync(socketDir, NOBODY, NOBODY);
  const each = start(name, socketDir);
  expect(await each.exit()).toBe(69);
  expect(JSON.stringify(each.lines)).toContain(`belongs to user ${NOBODY}`);
});

it.runIf(isRoot)('the sidecar sends nothing to a socket that another user put there', async () => {
  pod = new TestPod({ project: 'intruder' });
  const socket = join(pod.socketDir, 'runtime.sock');
  const sidecar = await pod.startSidecar();
  chmodSync(dirname(socket), 0o777);
  const code = `require('net').createServer((s) => { console.log('{"msg":"somebody came"}'); s.destroy(); }).listen(${JSON.stringify(socket)}, () => console.log('{"msg":"listens"}'))`;
  const impostor = new TestProcess(['-e', `process.setgid(${NOBODY}); process.setuid(${NOBODY}); ${code}`]);
  started.push(impostor);
  await impostor.said('listens');
  const refused = await sidecar.line(({ reason }) => String(reason).includes(`belongs to user ${NOBODY}`));
  expect(refused).toBeDefined();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(impostor.lines.map(({ msg }) => msg)).toEqual(['listens']);
  await waitFor(async () => (await (await pod?.admin('/readyz'))?.text())?.includes('belongs to user') ?? false, 5_000);
});
