import { chmod, lstat, mkdir, stat } from 'node:fs/promises';
import { BottleError, Code } from '../errors.ts';

const STICKY = 0o1000;
const OTHERS_WRITE = 0o002;

/**
 * Makes the directory of the sockets, for this user alone, or checks the one that is there: whoever owns it decides who
 * answers on them. Throws PERMISSION_DENIED for a symbolic link, something else than a directory, or one of another user.
 * Root's is taken: a volume of a pod is.
 */
export async function prepareSocketDirectory(directory: string): Promise<void> {
  const failure: unknown = await mkdir(directory, { recursive: true, mode: 0o700 }).then(
    () => undefined,
    (error: unknown) => error,
  );
  const found = await lstat(directory).catch((error: unknown) => {
    throw failure ?? error;
  });
  if (found.isSymbolicLink()) throw refused(directory, 'is a symbolic link');
  if (!found.isDirectory()) throw refused(directory, 'is not a directory');
  if (!isTrusted(found.uid)) throw refused(directory, `belongs to user ${found.uid}`);
  const isOpen = (found.mode & (STICKY | OTHERS_WRITE)) === OTHERS_WRITE;
  if (isOpen && found.uid === ownUid()) await chmod(directory, found.mode & 0o7775);
}

/** Throws PERMISSION_DENIED when a socket was put there by another user: what is said to it would be said to them. */
export async function assertTrustedSocket(path: string): Promise<void> {
  const { uid } = await stat(path);
  if (!isTrusted(uid)) throw refused(path, `belongs to user ${uid}`);
}

function isTrusted(uid: number): boolean {
  return uid === 0 || uid === ownUid();
}

/** Systems without user ids say 0 for everything. */
function ownUid(): number {
  return process.getuid?.() ?? 0;
}

function refused(path: string, why: string): BottleError {
  return new BottleError(Code.PERMISSION_DENIED, 'socket-owner', `${path} ${why}`);
}
