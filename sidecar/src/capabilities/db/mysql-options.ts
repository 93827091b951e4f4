import { connect as connectSocket } from 'node:net';
import type { ConnectionOptions, SslOptions } from 'mysql2';
import type { TlsConfig } from '../../resources-config.ts';
import { tlsOptions } from '../tls-options.ts';
import type { ReadingOptions } from './mysql-columns.ts';

/** Longest that a connection may take until it can be used. */
export const OPEN_TIMEOUT_MS = 2_000;
/** Prepared statements that a connection keeps; the server bounds those of all connections. */
const MAX_STATEMENTS = 256;

export interface MysqlConnectionOptions {
  url: URL;
  tls: TlsConfig;
  sqlMode: string;
  reading: ReadingOptions;
}

/** What mysql2 is told: values as they are, moments in UTC, no files of the sidecar. */
export function toMysqlOptions({ url, tls }: MysqlConnectionOptions): ConnectionOptions {
  const host = decodeURIComponent(url.hostname.replace(/^\[(.*)\]$/, '$1'));
  const port = url.port === '' ? 3306 : Number(url.port);
  const serverName = typeof tls === 'boolean' ? undefined : tls.serverName;
  return {
    // mysql2 checks the certificate against its `host`.
    host: serverName ?? host,
    port,
    ...(serverName === undefined ? {} : { stream: () => connectSocket(port, host).setNoDelay(true) }),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    ...(tls === false ? {} : { ssl: sslOptions(tls) }),
    charset: 'utf8mb4',
    timezone: 'Z',
    dateStrings: true,
    supportBigNumbers: true,
    jsonStrings: true,
    rowsAsArray: true,
    // No statement may read files of the sidecar.
    flags: ['-LOCAL_FILES'],
    maxPreparedStatements: MAX_STATEMENTS,
    connectTimeout: OPEN_TIMEOUT_MS,
    keepAliveInitialDelay: 10_000,
  };
}

/** mysql2 checks the name only when it is told to. */
function sslOptions(tls: Exclude<TlsConfig, false>): SslOptions {
  const { ca, cert, key, rejectUnauthorized = true } = tlsOptions(tls);
  const given = Object.entries({ ca, cert, key }).filter(([, pem]) => pem !== undefined);
  return { rejectUnauthorized, verifyIdentity: rejectUnauthorized, ...(Object.fromEntries(given) as SslOptions) };
}
