import { describe, expect, it } from 'vitest';
import { isPlainSelect } from './plain-select.ts';
import { scanSql } from './scan-sql.ts';

describe('scanSql', () => {
  it.each<[string, number]>([
    ['select ?', 1],
    ['select \'?\', "?", `?`, [?], ? -- ?', 1],
    ["select 'it''s ?' /* ? */, ?", 1],
    ['insert into t values (?,?),(?, ?)', 4],
    ['select 1 /* never ends ?', 0],
  ])('counts the question marks that stand for values: %s', (sql, count) => {
    expect(scanSql(sql).parameters).toBe(count);
  });
  it('finds the verb behind comments and brackets', () => {
    expect(scanSql('-- hello\n/* there */ (SELECT 1)').verb).toBe('select');
    expect(scanSql('  Insert into t').verb).toBe('insert');
    expect(scanSql('').verb).toBe('');
  });
  it('tells one statement from several', () => {
    expect(scanSql('select 1; -- the end').several).toBe(false);
    expect(scanSql("select ';'").several).toBe(false);
    expect(scanSql('select 1; (select 2)').several).toBe(true);
  });
});

describe('isPlainSelect', () => {
  it.each([
    'select 1',
    ' (SELECT a FROM b)',
    'select * from t where a = ?',
    'select COUNT(*), max (a) from t where id in (?, ?) and (a = ? or not exists (select 1)) group by (b)',
    'select cast(a as decimal(10,2)), -(a), json_extract(b, "$.c") from t join (select 1) as x using (id)',
  ])('is true: %s', (sql) => {
    expect(isPlainSelect(sql)).toBe(true);
  });
  it('is quick about a long text', () => {
    expect(isPlainSelect(`select '${'x'.repeat(5_000_000)}'${' '.repeat(5_000_000)}`)).toBe(true);
  });
  it.each([
    'select * from t for update',
    'select * from t lock in share mode',
    "select a into outfile '/tmp/x' from t",
    'select nextval(s)',
    'select @a := 1',
    "select get_lock('a', 1)",
    'select charge(?)',
    'select shop.count(1)',
    'select `count` (1)',
    'select 1 from t where ok (a)',
    'select last_insert_id(5)',
    'select charge /* count */ (1)',
    'select charge -- count\n (1)',
    `select charge${' '.repeat(100)}(1)`,
    'select 1; delete from t',
    'with x as (select 1) delete from t',
    '/* select */ delete from t',
    'insert into t select 1',
  ])('is false: %s', (sql) => {
    expect(isPlainSelect(sql)).toBe(false);
  });
});
