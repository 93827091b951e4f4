import type { TlsConfig } from '../resources-config.ts';

/** `tls` of sidecar.yml as node:tls wants it. */
export function tlsOptions(tls: TlsConfig): object {
  if (typeof tls === 'boolean') return {};
  const { serverName, ...rest } = tls;
  return { ...rest, ...(serverName === undefined ? {} : { servername: serverName }) };
}
