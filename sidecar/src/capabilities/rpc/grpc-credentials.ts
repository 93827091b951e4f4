import type { ConnectionOptions } from 'node:tls';
import { ChannelCredentials, type ChannelOptions } from '@grpc/grpc-js';
import type { TlsConfig } from '../../resources-config.ts';
import { tlsOptions, withTlsFiles } from '../tls-options.ts';

/** How to connect to the servers of a service. `name` is what their certificates are for, unless `tls` says otherwise. */
export function connectionOf(
  tls: TlsConfig,
  name: string | undefined,
): { credentials: ChannelCredentials; channelOptions: ChannelOptions } {
  if (tls === false) {
    const authority = name === undefined ? {} : { 'grpc.default_authority': name };
    return { credentials: ChannelCredentials.createInsecure(), channelOptions: authority };
  }
  const { ca, cert, key, servername: serverName, rejectUnauthorized = true } = tlsOptions(withTlsFiles({ tls }).tls);
  const expected = serverName ?? name;
  return {
    credentials: ChannelCredentials.createSsl(bytesOf(ca), bytesOf(key), bytesOf(cert), { rejectUnauthorized }),
    channelOptions:
      expected === undefined ? {} : { 'grpc.ssl_target_name_override': expected, 'grpc.default_authority': expected },
  };
}

/** The host of "stock.shop.svc:9090". */
export function hostOf(address: string | undefined): string | undefined {
  return address?.slice(0, address.lastIndexOf(':'));
}

/** Text, as the settings have it. */
function bytesOf(pem: ConnectionOptions['ca'] | ConnectionOptions['key']): Buffer | null {
  return typeof pem === 'string' ? Buffer.from(pem) : null;
}
