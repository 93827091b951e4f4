// Secrets as files of a directory: what Kubernetes makes of a Secret, and what one makes by hand.
//  1. Each call looks at its file. What was read is kept as long as the file is the same: its device, inode, size and times.
//     So a rotation, be it a rename or a swap of `..data`, is seen by the next call.
//  2. A file that changed a moment ago may change again within the same tick of its clock: it is not kept yet.
//  3. Whatever a link leads to must be in the directory, and a file.
import { constants } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { isSecretKey, MAX_SECRET_BYTES, secretTooLarge, type SecretsDriver } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';

export interface FileSecretsOptions {
  /** "secrets.payments" */
  id: string;
  directory: string;
  /** Nobody configured it: that it is not there is no problem. @default false */
  isOptional?: boolean;
}

/** How long a file must have been left alone before what it holds is kept. */
const SETTLE_MS = 100;
/** How often a directory that is missing is looked for, beside the calls. */
const LOOK_MS = 1_000;
/** Nobody there, or no directory on the way. */
const MISSING = new Set(['ENOENT', 'ENOTDIR']);

interface Kept {
  signature: string;
  value: Uint8Array;
}

/** Resolves when the directory was looked at, whether it is there or not. */
export async function createFileSecrets({ id, directory, isOptional }: FileSecretsOptions): Promise<SecretsDriver> {
  const kept = new Map<string, Kept>();
  let absence: string | undefined;
  let timer: NodeJS.Timeout | undefined;

  /** The directory itself, links followed; undefined while it is not there. */
  async function root(): Promise<string | undefined> {
    try {
      const path = await realpath(directory);
      if (!(await stat(path)).isDirectory()) throw new NoDirectory('ENOTDIR');
      absence = undefined;
      clearInterval(timer);
      timer = undefined;
      return path;
    } catch (error) {
      const { code = 'unreadable' } = error as NodeJS.ErrnoException;
      absence = `the directory ${directory} cannot be read: ${code}`;
      kept.clear();
      timer ??= setInterval(() => void root(), LOOK_MS).unref();
      return undefined;
    }
  }

  async function get(key: string): Promise<Uint8Array | undefined> {
    const top = await root();
    if (top === undefined) {
      if (isOptional) return undefined;
      throw new BottleError(Code.UNAVAILABLE, 'resource-unavailable', `the directory of ${id} cannot be read`);
    }
    try {
      const path = await realpath(join(top, key));
      if (!path.startsWith(top + sep)) return undefined; // 3
      const before = kept.get(key);
      const now = await stat(path, { bigint: true });
      if (before?.signature === signatureOf(now)) return before.value; // 1
      return await read(key, path);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (error instanceof BottleError) throw error;
      kept.delete(key);
      if (MISSING.has(code)) return undefined;
      const message = `a file of ${id} cannot be read: ${code}`;
      throw new BottleError(Code.FAILED_PRECONDITION, 'driver-error', message, { details: { driverCode: code } });
    }
  }

  async function read(key: string, path: string): Promise<Uint8Array | undefined> {
    // A pipe in place of a file would keep who opens it waiting.
    await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const status = await handle.stat({ bigint: true });
    if (!status.isFile()) return undefined;
    if (status.size > MAX_SECRET_BYTES) throw secretTooLarge(key);
    const value = await handle.readFile();
    if (value.length > MAX_SECRET_BYTES) throw secretTooLarge(key);
    const isSettled = Date.now() - Number(status.mtimeNs / 1_000_000n) > SETTLE_MS; // 2
    if (isSettled && BigInt(value.length) === status.size) kept.set(key, { signature: signatureOf(status), value });
    else kept.delete(key);
    return value;
  }

  async function list(): Promise<string[]> {
    const top = await root();
    if (top === undefined) return [];
    const names = (await readdir(top)).filter(isSecretKey);
    const found = await Promise.all(names.map(async (name) => ((await isFile(top, name)) ? [name] : [])));
    return found.flat();
  }

  await root();
  return {
    get problem() {
      return isOptional ? undefined : absence;
    },
    async ping() {
      if ((await root()) === undefined && !isOptional) throw new Error(absence);
    },
    get,
    list,
    async close() {
      clearInterval(timer);
      kept.clear();
    },
  };
}

class NoDirectory extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

interface FileStatus {
  dev: bigint;
  ino: bigint;
  size: bigint;
  mtimeNs: bigint;
  ctimeNs: bigint;
}

function signatureOf({ dev, ino, size, mtimeNs, ctimeNs }: FileStatus): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}

async function isFile(top: string, name: string): Promise<boolean> {
  try {
    const path = await realpath(join(top, name));
    return path.startsWith(top + sep) && (await stat(path)).isFile();
  } catch {
    return false; // removed meanwhile
  }
}
