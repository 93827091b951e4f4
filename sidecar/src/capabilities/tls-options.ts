import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { TlsConfig } from '../resources-config.ts';

const FILES = { caFile: 'ca', certFile: 'cert', keyFile: 'key' } as const;

/**
 * `tls` of sidecar.yml as node:tls wants it. What is in a file is read whenever it is asked for, so that whoever connects
 * anew has the certificate that is there now; while it cannot be read, what was there before holds. Throws for a file that
 * cannot be read at first.
 */
export function tlsOptions(tls: TlsConfig): ConnectionOptions {
  if (typeof tls === 'boolean') return {};
  const { serverName, caFile, certFile, keyFile, ...given } = tls;
  const options: ConnectionOptions = {
    ...(given as ConnectionOptions),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
  for (const [setting, file] of Object.entries({ caFile, certFile, keyFile })) {
    if (file === undefined) continue;
    let last = readFileSync(file, 'utf8');
    const get = (): string => (last = readOr(last, file));
    Object.defineProperty(options, FILES[setting as keyof typeof FILES], { get, enumerable: true });
  }
  return options;
}

function readOr(otherwise: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}
