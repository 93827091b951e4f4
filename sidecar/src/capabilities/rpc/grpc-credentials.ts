import { ChannelCredentials, type ChannelOptions } from '@grpc/grpc-js';
import type { TlsConfig } from '../../resources-config.ts';

/** How to connect to the servers of a service. `name` is what their certificates are for, unless `tls` says otherwise. */
export function connectionOf(
  tls: TlsConfig,
  name: string | undefined,
): { credentials: ChannelCredentials; channelOptions: ChannelOptions } {
  if (tls === false) {
    const authority = name === undefined ? {} : { 'grpc.default_authority': name };
    return { credentials: ChannelCredentials.createInsecure(), channelOptions: authority };
  }
  const { ca, cert, key, serverName, rejectUnauthorized } =
    tls === true
      ? { rejectUnauthorized: true }
      : { serverName: undefined, ca: undefined, cert: undefined, key: undefined, ...tls };
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

function bytesOf(pem: string | undefined): Buffer | null {
  return pem === undefined ? null : Buffer.from(pem);
}
