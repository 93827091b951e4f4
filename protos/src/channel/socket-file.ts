import { randomBytes } from 'node:crypto';
import { type FSWatcher, watch } from 'node:fs';
import { chmod, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Server, ServerCredentials } from '@grpc/grpc-js';
import { BottleError, Code } from '../errors.ts';
import { widenWindow } from './grpc-options.ts';
import { prepareSocketDirectory } from './socket-directory.ts';

/** The longest path that fits a Unix socket address on Linux; macOS takes a little less. */
const MAX_PATH_BYTES = 107;

/** Bytes that the temporary name adds to the final one. */
const SUFFIX_BYTES = 7;

/** Between attempts to make a directory again that somebody is deleting, in milliseconds. */
const RETRY_MS = 20;

/** The inode of a file, or undefined when it is not there. */
export async function inodeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).ino;
  } catch {
    return undefined;
  }
}

/**
 * Calls back whenever something happens to a file's directory entry: created, replaced, deleted. A directory that is
 * deleted is made again. Returns the function that stops it.
 */
export async function watchSocketFile(path: string, onChange: () => void): Promise<() => void> {
  const directory = dirname(path);
  const name = basename(path);
  let watcher: FSWatcher | undefined;
  let stopped = false;

  const start = async (): Promise<void> => {
    await prepareSocketDirectory(directory);
    if (stopped) return;
    watcher?.close();
    watcher = watch(directory, (_event, changed) => {
      if (changed === name) onChange();
      else if (changed === basename(directory)) void restart();
    });
    watcher.on('error', () => void restart());
  };
  /** The directory may be deleted at any moment, this one included. */
  const restart = async (): Promise<void> => {
    while (!stopped && (await inodeOf(directory)) === undefined) {
      await start().catch(() => delay(RETRY_MS));
      onChange();
    }
  };

  await start();
  return () => {
    stopped = true;
    watcher?.close();
  };
}

/** A gRPC server's place in the file system. */
export interface BoundSocket {
  readonly path: string;
  /** Stops watching, and removes the file when it is still ours. */
  close(): Promise<void>;
}

/**
 * Binds a server to a Unix socket such that the file is never half there: bound under a temporary name, then renamed
 * over whatever stood there (a stale file, or the socket of the process that this one replaces). A file that is deleted
 * is bound again; one that another process has put in its place is left alone. Only this user can connect.
 */
export async function bindSocketFile(server: Server, path: string): Promise<BoundSocket> {
  if (Buffer.byteLength(path) + SUFFIX_BYTES > MAX_PATH_BYTES) {
    const limit = MAX_PATH_BYTES - SUFFIX_BYTES;
    throw new BottleError(Code.INVALID_ARGUMENT, 'socket-path', `${path}: a socket path has at most ${limit} bytes`);
  }
  await prepareSocketDirectory(dirname(path));
  let inode = await bindOnce(server, path);
  let isRebinding = false;
  /** Something happened since it was last looked at. */
  let isStale = false;
  let closed = false;

  const rebind = async (): Promise<void> => {
    isStale = true;
    if (isRebinding) return;
    isRebinding = true;
    while (isStale) {
      isStale = false;
      while (!closed && (await inodeOf(path)) === undefined) {
        inode = await bindOnce(server, path).catch(() => delay(RETRY_MS, undefined)); // the directory may be gone, too
      }
    }
    isRebinding = false;
  };
  const unwatch = await watchSocketFile(path, () => void rebind());
  void rebind(); // it may have been deleted before anybody watched
  return {
    path,
    async close() {
      closed = true;
      unwatch();
      if ((await inodeOf(path)) === inode) await rm(path, { force: true });
    },
  };
}

async function bindOnce(server: Server, path: string): Promise<number | undefined> {
  const temporary = `${path}.${randomBytes(3).toString('hex')}`;
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${temporary}`, ServerCredentials.createInsecure(), (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
  widenWindow(server);
  await chmod(temporary, 0o600); // before anybody looks for it: the umask is not ours
  await rename(temporary, path);
  return inodeOf(path);
}
