import { readdir, readFile, readlink } from 'node:fs/promises';

/** Of /proc/net/tcp. */
const LISTENING = '0A';

/** Who listens on a port of this machine: "node server.js (process 123)". Undefined where the system does not tell us. */
export async function findPortOwner(port: number): Promise<string | undefined> {
  const inodes = await listeningInodes(port);
  if (inodes.size === 0) return undefined;
  for (const pid of await entriesOf('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    for (const fd of await entriesOf(`/proc/${pid}/fd`)) {
      const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''); // closed meanwhile
      const [, inode] = /^socket:\[(\d+)\]$/.exec(target) ?? [];
      if (inode !== undefined && inodes.has(inode)) return `${await nameOf(pid)} (process ${pid})`;
    }
  }
  return undefined;
}

/** Of the sockets that listen there, on whichever address. */
async function listeningInodes(port: number): Promise<Set<string>> {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((path) => textOf(path)));
  const rows = tables.flatMap((table) => table.split('\n').slice(1)).map((row) => row.trim().split(/\s+/));
  const here = rows.filter(([, local, , state]) => state === LISTENING && local?.split(':')[1] === wanted);
  return new Set(here.flatMap((columns) => columns[9] ?? []));
}

/** The program, and the file that it runs; the rest of a command line may hold secrets. */
async function nameOf(pid: string): Promise<string> {
  const [program = '', ...args] = (await textOf(`/proc/${pid}/cmdline`)).split('\0');
  const name = program.split('/').at(-1) ?? '';
  const file = args.find((argument) => !argument.startsWith('-'));
  return file !== undefined && /\.\w+$/.test(file) ? `${name} ${file}` : name;
}

async function entriesOf(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []); // of another user, or gone, or no such system
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
