// A file by a path that a client may have chosen.
//  1. It is in its root when every link on the way is followed, both in the file's path and in the root's.
//  2. Whatever keeps it from being sent is the same 404 to the client: what is there and what is not is not for it to know.
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { BottleError, Code } from '@bottle/protos';
import type { FaaSLogger } from '../context.ts';

/** A file as it was found. */
export interface StaticFile {
  /** Without links. */
  path: string;
  size: number;
  /** Strong: another size, time or file is another one. */
  etag: string;
  lastModified: string;
}

export interface FindFileOptions {
  /** Absolute. */
  root: string;
  /** Whether names that begin with a dot are names. */
  dotFiles: boolean;
  logger: FaaSLogger;
}

/** Ends of a look-up that a client's path alone may bring about. */
const NOT_THERE = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'ERR_INVALID_ARG_VALUE']);

/** Throws NOT_FOUND for what is no regular file in its root, and for what this process may not read. */
export async function findFile(path: string, { root, dotFiles, logger }: FindFileOptions): Promise<StaticFile> {
  const below = isAbsolute(path) && isInside(root, path) ? relative(root, path) : path;
  const wanted = resolve(root, `.${sep}${below}`);
  const refuse = (reason: string): BottleError => {
    logger.warn({ path, root, reason }, 'a file is not sent');
    return noFile();
  };
  if (!isInside(root, wanted)) throw refuse('it is outside of its root');
  if (path.endsWith('/')) throw noFile(); // a folder's name, which would be taken for a file's
  if (!dotFiles && hasDotName(relative(root, wanted))) throw noFile();
  try {
    const [realRoot, real] = await Promise.all([realpath(root), realpath(wanted)]);
    if (!isInside(realRoot, real)) throw refuse('a link leads out of its root'); // 1
    const info = await stat(real, { bigint: true });
    if (!info.isFile()) throw noFile();
    return { path: real, size: Number(info.size), ...validatorsOf(info) };
  } catch (error) {
    if (error instanceof BottleError) throw error;
    const { code = '' } = error as NodeJS.ErrnoException;
    if (NOT_THERE.has(code)) throw noFile();
    if (code === 'EACCES' || code === 'EPERM' || code === 'ERR_ACCESS_DENIED') throw refuse('it may not be read');
    throw error;
  }
}

/** What tells one state of a file from another: nanoseconds, for files that are written twice in a second. */
export function validatorsOf(info: { ino: bigint; size: bigint; mtimeNs: bigint }): {
  etag: string;
  lastModified: string;
} {
  const { ino, size, mtimeNs } = info;
  const etag = `"${[size, mtimeNs, ino].map((part) => part.toString(36)).join('-')}"`;
  return { etag, lastModified: new Date(Number(mtimeNs / 1_000_000n)).toUTCString() };
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function hasDotName(way: string): boolean {
  return way.split(sep).some((name) => name.startsWith('.'));
}

/** The folder that a root means, from the project's. */
export function rootOf(root: string | undefined, projectDir: string): string {
  return root === undefined ? projectDir : isAbsolute(root) ? root : join(projectDir, root);
}

// 2
function noFile(): BottleError {
  return new BottleError(Code.NOT_FOUND, 'no-file', 'there is no such file');
}
