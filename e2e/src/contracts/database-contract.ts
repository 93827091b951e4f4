import type { Database } from 'bottle-sdk';
import { afterAll, beforeAll, describe } from 'vitest';
import { describeKysely } from './database-kysely.ts';
import { describeMysql } from './database-mysql.ts';
import { describeSqlite } from './database-sqlite.ts';
import { describeStatements } from './database-statements.ts';
import { describeTransactions } from './database-transactions.ts';
import { describeValues } from './database-values.ts';
import type { ContractTarget } from './target.ts';

export interface DatabaseContractOptions {
  /** What the driver speaks. */
  language: 'mysql' | 'sqlite';
}

/** What each part of the suite works with. */
export interface DatabaseUnderTest extends DatabaseContractOptions {
  db(): Database;
  /** A name that no other test uses. */
  table(): string;
  /** How this language writes a primary key that numbers itself. */
  idColumn: string;
}

const OWN = { mysql: describeMysql, sqlite: describeSqlite };

/** Takes rows, up to so many, and leaves. */
export async function countOf(rows: AsyncIterable<unknown>, most: number = Number.POSITIVE_INFINITY): Promise<number> {
  let count = 0;
  for await (const row of rows) {
    if (row !== undefined) count += 1;
    if (count >= most) break;
  }
  return count;
}

/** What every database driver does, seen through the SDK. */
export function describeDatabaseContract(
  title: string,
  open: () => Promise<ContractTarget>,
  { language }: DatabaseContractOptions,
): void {
  describe(`database contract: ${title}`, () => {
    let target: ContractTarget;
    let unique = 0;
    const run = `${process.pid}_${Math.floor(Math.random() * 1e9)}`;
    const subject: DatabaseUnderTest = {
      language,
      db: () => target.bottle.db('contract'),
      table: () => `t_${run}_${(unique += 1)}`,
      idColumn: language === 'mysql' ? 'id bigint auto_increment primary key' : 'id integer primary key autoincrement',
    };
    beforeAll(async () => {
      target = await open();
    });
    afterAll(() => target.close());

    describeValues(subject);
    describeStatements(subject);
    describeTransactions(subject);
    describeKysely(subject);
    OWN[language](subject);
  });
}
