import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assertAnswer, endpointOfUrl } from './endpoint.ts';
import { findOrStart, type StartOptions } from './find-or-start.ts';
import { findProgram, requireProgram } from './find-program.ts';
import { runProgram } from './run-program.ts';
import type { LocalCommand, ServerKind } from './server-kind.ts';
import type { TestServer } from './test-server.ts';

const password = 'bottle';

/** How to get a MySQL. */
export interface MysqlOptions extends StartOptions {
  /** More arguments for the server; one that the environment names ignores them. */
  args?: readonly string[];
}

/**
 * MySQL or MariaDB at an address like `mysql://root:bottle@127.0.0.1:3306/test`; the user may do everything, and the
 * database is empty. Throws ServerUnavailable.
 */
export async function startMysql(options: MysqlOptions = {}): Promise<TestServer> {
  return await findOrStart(mysql(options.args ?? []), options);
}

const mysql = (moreArgs: readonly string[]): ServerKind => ({
  name: 'MySQL',
  variable: 'BOTTLE_TEST_MYSQL_URL',
  startTimeoutMs: 60_000,
  addressOf: ({ host, port }) => `mysql://root:${password}@${host}:${port}/test`,
  endpointOf: (address) => endpointOfUrl(address, 3306),
  assertReady: (endpoint) => assertAnswer(endpoint, undefined, isGreeting),
  container: () => ({
    image: 'mysql:8.4',
    port: 3306,
    environment: { MYSQL_ROOT_PASSWORD: password, MYSQL_DATABASE: 'test' },
    command: ['mysqld', ...moreArgs],
  }),
  async prepareLocal(directory, { host, port }) {
    const program = await requireProgram('mariadbd', 'mysqld');
    const data = join(directory, 'data');
    // A server that root starts asks to be told so.
    const user = process.getuid?.() === 0 ? ['--user=root'] : [];
    const create = await commandToCreateData(program, data);
    await runProgram(create.program, [...create.args, ...user], 120_000);

    // The server runs this before it accepts connections, at every start.
    const initFile = join(directory, 'init.sql');
    await writeFile(
      initFile,
      [
        'CREATE DATABASE IF NOT EXISTS test;',
        `CREATE USER IF NOT EXISTS 'root'@'${host}';`,
        `ALTER USER 'root'@'${host}' IDENTIFIED BY '${password}';`,
        `GRANT ALL PRIVILEGES ON *.* TO 'root'@'${host}' WITH GRANT OPTION;`,
        '',
      ].join('\n'),
    );
    return {
      program,
      args: [
        '--no-defaults',
        `--datadir=${data}`,
        `--bind-address=${host}`,
        `--port=${port}`,
        `--socket=${join(directory, 'socket')}`,
        `--pid-file=${join(directory, 'mysql-pid')}`,
        `--init-file=${initFile}`,
        '--skip-name-resolve',
        '--character-set-server=utf8mb4',
        // A commit reaches the system, not the disk: it survives SIGKILL, and tests do not wait for disks.
        '--innodb-flush-log-at-trx-commit=2',
        ...user,
        ...moreArgs,
      ],
    };
  },
});

/** MariaDB comes with a script for it; MySQL's server does it itself. */
async function commandToCreateData(server: string, data: string): Promise<LocalCommand> {
  const script = await findProgram('mariadb-install-db', 'mysql_install_db');
  return script === undefined
    ? { program: server, args: ['--no-defaults', '--initialize-insecure', `--datadir=${data}`] }
    : {
        program: script,
        args: ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'],
      };
}

/** The server speaks first: a length, a sequence number, and then the version 10 of its protocol or an error. */
function isGreeting(received: Buffer): boolean {
  if (received.length < 5) return false;
  if (received[4] !== 10) throw new Error(`MySQL says ${received.subarray(7).toString('latin1')}`);
  return true;
}
