import { BottleError, Code } from '@bottle/protos';

/** No space, no quota, a file larger than the system allows; SQLite's own code for the first. */
const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const SQLITE_FULL = 13;
/** SQLITE_BUSY, SQLITE_LOCKED. */
const SQLITE_TAKEN: ReadonlySet<number> = new Set([5, 6]);

/** What a file system or SQLite threw as the platform's error; its words may name paths and stay inside. */
export function fromDiskError(thrown: unknown, id: string): unknown {
  if (thrown instanceof BottleError || !(thrown instanceof Error)) return thrown;
  const { code, errcode = 0 } = thrown as NodeJS.ErrnoException & { errcode?: number };
  if (code === undefined) return thrown;
  const isSqlite = code === 'ERR_SQLITE_ERROR';
  const details = { driverCode: isSqlite ? `SQLITE_${errcode & 0xff}` : code };
  if (FULL.has(code) || (isSqlite && (errcode & 0xff) === SQLITE_FULL))
    return new BottleError(Code.RESOURCE_EXHAUSTED, 'disk-full', `the disk of ${id} is full`, { details });
  if (isSqlite && SQLITE_TAKEN.has(errcode & 0xff))
    return new BottleError(Code.UNAVAILABLE, 'resource-unavailable', `another process holds up ${id}`, { details });
  const message = `the directory of ${id} cannot be used: ${details.driverCode}`;
  return new BottleError(Code.FAILED_PRECONDITION, 'driver-error', message, { details, cause: thrown });
}
