import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { BottleError, Code } from '@bottle/protos';
import type { TlsConfig } from '../resources-config.ts';

const FILES = { caFile: 'ca', certFile: 'cert', keyFile: 'key' } as const;
/** What each file had when it was read last: clients are made anew, settings are not. */
const lastRead = new WeakMap<object, Map<string, string>>();

/**
 * `tls` of sidecar.yml as node:tls wants it. What is in a file is read whenever it is asked for, so that whoever connects
 * anew has the certificate that is there now; while it cannot be read, what was there before holds. Throws UNAVAILABLE for
 * a file that could never be read.
 */
export function tlsOptions(tls: TlsConfig): ConnectionOptions {
  if (typeof tls === 'boolean') return {};
  const { serverName, caFile, certFile, keyFile, ...given } = tls;
  const options: ConnectionOptions = {
    ...(given as ConnectionOptions),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
  const known = lastRead.get(tls) ?? new Map<string, string>();
  lastRead.set(tls, known);
  for (const [setting, file] of Object.entries({ caFile, certFile, keyFile })) {
    if (file === undefined) continue;
    const get = (): string => read(file, known);
    get();
    Object.defineProperty(options, FILES[setting as keyof typeof FILES], { get, enumerable: true });
  }
  return options;
}

function read(file: string, known: Map<string, string>): string {
  try {
    known.set(file, readFileSync(file, 'utf8'));
  } catch (cause) {
    const before = known.get(file);
    if (before !== undefined) return before;
    const code = (cause as NodeJS.ErrnoException).code ?? 'unreadable';
    const message = `${file}, which \`tls\` names, cannot be read: ${code}`;
    throw new BottleError(Code.UNAVAILABLE, 'resource-unavailable', message, { cause });
  }
  return known.get(file) ?? '';
}
