import { setImmediate as nextTurn } from 'node:timers/promises';
import { BottleError, Code } from '@bottle/protos';
import type { SqliteFileOptions } from './sqlite-connection.ts';
import { SqliteConnections } from './sqlite-connections.ts';
import type { SqliteHost, SqliteReply } from './sqlite-orders.ts';

/** Connections to one file in this process, which stands still while they work: for tests. */
export function createLocalSqlite(options: SqliteFileOptions): SqliteHost {
  const connections = new SqliteConnections(options);
  let isOver = false;
  /** Orders come one after the other. */
  let last: Promise<unknown> = Promise.resolve();
  return {
    current: undefined,
    get isOver() {
      return isOver;
    },
    ask(connection, order, signal) {
      const serve = async (): Promise<SqliteReply> => {
        if (order.do === 'next') await nextTurn(); // many parts, and others want to do something as well
        if (signal?.aborted && order.do !== 'leave' && order.do !== 'command') throw signal.reason;
        if (isOver) throw new BottleError(Code.UNAVAILABLE, 'connection-lost', 'the database is closed');
        return connections.serve(connection, order);
      };
      const served = last.then(serve);
      last = served.catch(() => {});
      return served;
    },
    async close() {
      isOver = true;
      connections.close();
    },
  };
}
