import { spawnSync } from 'node:child_process';
import { appendFileSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { bottle, defineFunction } from 'bottle-sdk';

interface Sqlite {
  DatabaseSync: new (path: string) => { exec(sql: string): void };
}

/** Ways out, by name. Each gives what it got, or throws. */
const WAYS: Record<string, (target: string) => unknown> = {
  environment: () => process.env,
  read: (path) => readFileSync(path, 'utf8'),
  list: (path) => readdirSync(path),
  write: (path) => writeFileSync(path, 'written'),
  append: (path) => appendFileSync(path, 'more'),
  temporary: () => {
    const file = join(tmpdir(), 'written');
    writeFileSync(file, 'yes');
    return readFileSync(file, 'utf8');
  },
  link: (path) => {
    const link = join(tmpdir(), `link-${process.hrtime.bigint()}`);
    symlinkSync(path, link);
    return readFileSync(link, 'utf8');
  },
  spawn: (command) => {
    const { error, stdout } = spawnSync(command, { encoding: 'utf8' });
    if (error) throw error;
    return stdout;
  },
  thread: (path) =>
    new Promise((resolve, reject) => {
      const code = `require('worker_threads').parentPort.postMessage(require('fs').readFileSync(${JSON.stringify(path)}, 'utf8'))`;
      new Worker(code, { eval: true, execArgv: [] }).on('message', resolve).on('error', reject);
    }),
  inspector: () => {
    const session = new Session();
    session.connect();
    session.disconnect();
    return 'connected';
  },
  addon: (path) => process.dlopen({ exports: {} }, path),
  sqlite: (path) => {
    const sqlite = process.getBuiltinModule('node:sqlite') as Sqlite | undefined;
    if (!sqlite) throw Object.assign(new Error('there is no node:sqlite'), { code: 'NO_SQLITE' });
    new sqlite.DatabaseSync(path).exec('CREATE TABLE IF NOT EXISTS written (x)');
    return 'written';
  },
  import: async (path) => ((await import(path)) as { default: unknown }).default,
  cache: (name) => bottle.cache(name).get('key'),
  admin: async (url) => (await fetch(url)).status,
  port: async (url) => await (await fetch(url)).text(),
};

/** `{ way, target }` → `{ got }` or `{ code }`. */
export const reach = defineFunction.http<{ way: string; target: string }>(async (_ctx, { way, target }) => {
  try {
    return { got: (await WAYS[way]?.(target)) ?? null };
  } catch (error) {
    const { code, name, message } = error as { code?: string; name: string; message: string };
    return { code: code ?? name, message };
  }
});
