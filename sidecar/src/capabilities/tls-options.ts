import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { BottleError, Code } from '@bottle/protos';
import type { TlsConfig } from '../resources-config.ts';

const FILES = { caFile: 'ca', certFile: 'cert', keyFile: 'key' } as const;

/**
 * The settings of a driver with what its `tls` has in files: read whenever it is asked for, so that whoever connects anew has
 * the certificate that is there now; while a file cannot be read, what was there before holds. To be called once for each
 * driver. Throws UNAVAILABLE for a file that cannot be read at first.
 */
export function withTlsFiles<Settings extends { tls: TlsConfig }>(settings: Settings): Settings {
  if (typeof settings.tls === 'boolean') return settings;
  const { caFile, certFile, keyFile, ...tls } = settings.tls;
  for (const [setting, file] of Object.entries({ caFile, certFile, keyFile })) {
    if (file === undefined) continue;
    let last = readAtFirst(file);
    const get = (): string => (last = readOr(last, file));
    Object.defineProperty(tls, FILES[setting as keyof typeof FILES], { get, enumerable: true, configurable: true });
  }
  return { ...settings, tls };
}

/** `tls` of sidecar.yml as node:tls wants it; what is read whenever it is asked for stays so. */
export function tlsOptions(tls: TlsConfig): ConnectionOptions {
  if (typeof tls === 'boolean') return {};
  const { serverName: servername, ...read } = Object.getOwnPropertyDescriptors(tls);
  return Object.defineProperties({}, servername === undefined ? read : { ...read, servername });
}

function readAtFirst(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unreadable';
    const message = `${file}, which \`tls\` names, cannot be read: ${code}`;
    throw new BottleError(Code.UNAVAILABLE, 'resource-unavailable', message, { cause });
  }
}

function readOr(before: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return before;
  }
}
