import { BottleDialect } from 'bottle-sdk/kysely';
import { type Generated, Kysely, sql as kyselySql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DatabaseUnderTest } from './database-contract.ts';

interface Tables {
  people: { id: Generated<number>; name: string; born: Date | null };
  pets: { id: Generated<number>; owner: number; name: string };
}

/** A typed query builder over the bottle. */
export function describeKysely({ db, table, language, idColumn }: DatabaseUnderTest): void {
  describe('Kysely', () => {
    let kysely: Kysely<Tables>;
    let people: string;
    let pets: string;
    beforeAll(async () => {
      [people, pets] = [table(), table()];
      kysely = new Kysely<Tables>({ dialect: new BottleDialect(db(), language) });
      await db().execute(`create table ${people} (${idColumn}, name varchar(100) not null unique, born datetime)`);
      await db().execute(`create table ${pets} (${idColumn}, owner bigint not null, name varchar(100) not null)`);
    });
    /** The tables under the names of this run. */
    const query = () => ({
      people: kysely.selectFrom(kyselySql.table<Tables['people']>(people).as('people')),
      insert: (name: string) =>
        kysely.insertInto(people as 'people').values({ name, born: new Date('2000-01-01T00:00:00Z') }),
    });

    it('inserts, selects, joins, updates and deletes', async () => {
      const { insertId, numInsertedOrUpdatedRows } = await query().insert('Ada').executeTakeFirstOrThrow();
      expect(numInsertedOrUpdatedRows).toBe(1n);
      await kysely
        .insertInto(pets as 'pets')
        .values([
          { owner: Number(insertId), name: 'Rex' },
          { owner: Number(insertId), name: 'Tom' },
        ])
        .execute();
      const rows = await query()
        .people.innerJoin(kyselySql.table<Tables['pets']>(pets).as('pets'), 'pets.owner', 'people.id')
        .select(['people.name as owner', 'pets.name as pet', 'people.born'])
        .where('pets.name', 'in', ['Rex', 'Tom'])
        .orderBy('pets.name')
        .execute();
      const born = new Date('2000-01-01T00:00:00Z');
      expect(rows).toEqual([
        { owner: 'Ada', pet: 'Rex', born },
        { owner: 'Ada', pet: 'Tom', born },
      ]);
      const updated = await kysely
        .updateTable(pets as 'pets')
        .set({ name: 'Max' })
        .where('name', '=', 'Rex')
        .executeTakeFirst();
      expect(updated.numUpdatedRows).toBe(1n);
      const deleted = await kysely
        .deleteFrom(pets as 'pets')
        .where('owner', '=', Number(insertId))
        .executeTakeFirst();
      expect(deleted.numDeletedRows).toBe(2n);
    });
    it('runs transactions, with savepoints', async () => {
      await kysely.transaction().execute(async (tx) => {
        await tx
          .insertInto(people as 'people')
          .values({ name: 'Bob', born: null })
          .execute();
      });
      const failing = kysely
        .transaction()
        .setIsolationLevel('serializable')
        .execute(async (tx) => {
          await tx
            .insertInto(people as 'people')
            .values({ name: 'Eve', born: null })
            .execute();
          throw new Error('undo');
        });
      await expect(failing).rejects.toThrow('undo');
      const tx = await kysely.startTransaction().execute();
      await tx
        .insertInto(people as 'people')
        .values({ name: 'Cy', born: null })
        .execute();
      const point = await tx.savepoint('before').execute();
      await point
        .insertInto(people as 'people')
        .values({ name: 'Dot', born: null })
        .execute();
      await point.rollbackToSavepoint('before').execute();
      await tx.commit().execute();
      const names = await query()
        .people.select('people.name')
        .where('people.name', 'in', ['Bob', 'Eve', 'Cy', 'Dot'])
        .orderBy('people.name')
        .execute();
      expect(names).toEqual([{ name: 'Bob' }, { name: 'Cy' }]);
    });
    it('streams', async () => {
      await db().insertMany(
        pets,
        Array.from({ length: 1_000 }, (_, at) => ({ owner: 77, name: `pet ${at}` })),
      );
      const seen: string[] = [];
      const rows = kysely
        .selectFrom(pets as 'pets')
        .select('name')
        .where('owner', '=', 77)
        .orderBy('id')
        .stream(100);
      for await (const { name } of rows) seen.push(name);
      expect(seen).toHaveLength(1_000);
      expect(seen[999]).toBe('pet 999');
    });
    it('passes the errors of the database on', async () => {
      await query().insert('Zoe').execute();
      await expect(query().insert('Zoe').execute()).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    });
    it('builds tables and looks at them', async () => {
      const name = table();
      await kysely.schema
        .createTable(name)
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('label', 'varchar(20)', (column) => column.notNull())
        .execute();
      const found = (await kysely.introspection.getTables()).find((each) => each.name === name);
      expect(found?.columns.map((column) => column.name)).toEqual(['id', 'label']);
      await kysely.schema.dropTable(name).execute();
    });
  });
}
