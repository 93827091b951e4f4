import { loadSync, type MessageTypeDefinition } from '@grpc/proto-loader';
import { describe, expect, it } from 'vitest';
import { CAPABILITY_PROTO_FILES, LOADER_OPTIONS, PROTO_DIR } from '../load.ts';
import { createSqlCodecs } from './database-codec.ts';
import { type SqlStep, SqlText, type SqlValue } from './database-messages.ts';

const definition = loadSync(CAPABILITY_PROTO_FILES.db, { ...LOADER_OPTIONS, includeDirs: [PROTO_DIR] });
const reference = (name: string) =>
  definition[`bottle.v1.${name}`] as unknown as MessageTypeDefinition<object, Record<string, unknown>>;
const codecs = createSqlCodecs();

/** mulberry32: the same messages in every run. */
function randomSource(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const INTEGERS: SqlValue[] = [
  0,
  1,
  -1,
  63,
  64,
  -64,
  -65,
  2 ** 30,
  -(2 ** 30),
  2 ** 31 - 1,
  -(2 ** 31),
  2 ** 32,
  2 ** 35,
].concat([2 ** 52, -(2 ** 52), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]);
const BIG: bigint[] = [2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, 2n ** 64n - 1n, -(2n ** 70n)];
const LENGTHS = [0, 1, 23, 24, 25, 42, 124, 125, 126, 127, 128, 129, 5_461, 16_383, 16_384, 300_000];
const LETTERS = ['a', 'ü', '€', '𝄞', '\u0000', '\u007f', '\u0080'];

function randomValues(seed: number): SqlValue[] {
  const random = randomSource(seed);
  const length = (): number => LENGTHS[random(LENGTHS.length)] ?? 0;
  const text = (): string => (LETTERS[random(LETTERS.length)] ?? 'a').repeat(length());
  const kinds: (() => SqlValue)[] = [
    () => null,
    () => INTEGERS[random(INTEGERS.length)] ?? 0,
    () => (random(2) === 0 ? 1 : -1) * (random(2 ** 32) * 2 ** 21 + random(2 ** 21)),
    () => BIG[random(BIG.length)] ?? 0n,
    () => random(2 ** 32) / 7,
    text,
    () => Buffer.alloc(length(), random(256)),
    () => new SqlText('decimal', '-12.50'),
    () => new SqlText('json', JSON.stringify({ text: text() })),
    () => new Date(random(2 ** 32) * 1_000 + random(1_000)),
  ];
  return Array.from({ length: random(12) }, () => (kinds[random(kinds.length)] ?? text)());
}

/** What protobufjs makes of a value. */
function plain(value: SqlValue): object {
  if (value === null) return {};
  if (typeof value === 'number')
    return Number.isSafeInteger(value)
      ? { integer: String(value), value: 'integer' }
      : { number: value, value: 'number' };
  if (typeof value === 'bigint')
    return BigInt.asIntN(64, value) === value
      ? { integer: String(value), value: 'integer' }
      : { bigInteger: String(value), value: 'bigInteger' };
  if (typeof value === 'string') return { text: value, value: 'text' };
  if (value instanceof Date) return { timestamp: value.getTime(), value: 'timestamp' };
  if (value instanceof SqlText) return { [value.kind]: value.text, value: value.kind };
  return { blob: value, value: 'blob' };
}
const plainRows = (rows: readonly (readonly SqlValue[])[]) => rows.map((row) => ({ values: row.map(plain) }));

describe('the codecs of the db capability agree with protobufjs', () => {
  it.each(Array.from({ length: 60 }, (_, seed) => seed))('in both directions, seed %i', (seed) => {
    const rows = [randomValues(seed), [], randomValues(seed + 1_000)];
    const [first = []] = rows;
    const statement = { sql: `select ${'ü'.repeat(seed)}`, parameters: first, readOnly: seed % 2 === 0 };
    const columns = [
      { name: 'id', type: 'bigint' },
      { name: '', type: '' },
    ];
    const result = {
      columns,
      rows,
      affectedRows: seed * 2 ** 31,
      insertId: BIG[seed % 3] === 2n ** 53n ? 2n ** 53n : seed,
    };
    const batch = { sql: statement.sql, rows };

    const cases = [
      {
        ours: codecs.statement as never,
        theirs: reference('DbStatement'),
        message: statement,
        expected: { ...statement, parameters: first.map(plain) },
      },
      {
        ours: codecs.batch as never,
        theirs: reference('DbBatch'),
        message: batch,
        expected: { ...batch, rows: plainRows(rows) },
      },
      {
        ours: codecs.result as never,
        theirs: reference('DbResult'),
        message: result,
        expected: {
          columns,
          rows: plainRows(rows),
          affectedRows: String(result.affectedRows),
          insertId: String(result.insertId),
        },
      },
    ];
    for (const { ours, theirs, message, expected } of cases) {
      const { encode, decode } = ours as { encode(message: object): Buffer; decode(bytes: Buffer): object };
      expect(theirs.deserialize(encode(message))).toEqual(expected);
      expect(decode(theirs.serialize(expected))).toEqual(message);
      expect(decode(encode(message))).toEqual(message);
    }
  });
  it('for every step of a transaction and its answers', () => {
    const statement = { sql: 'select ?', parameters: ['x', null], readOnly: false };
    const steps: SqlStep[] = [
      { step: 'begin', isolation: 'DB_ISOLATION_SERIALIZABLE', readOnly: true },
      { step: 'begin', isolation: 'DB_ISOLATION_DEFAULT', readOnly: false },
      { step: 'execute', statement },
      { step: 'query', statement },
      { step: 'batch', batch: { sql: 'insert', rows: [[1], [2n ** 60n]] } },
      { step: 'savepoint', name: 's1' },
      { step: 'rollbackTo', name: 's1' },
      { step: 'release', name: 's1' },
      { step: 'commit' },
      { step: 'rollback' },
    ];
    const theirs = reference('DbTransactionStep');
    for (const step of steps) {
      const seen = theirs.deserialize(codecs.step.encode(step));
      expect(seen['step']).toBe(step.step);
      expect(codecs.step.decode(theirs.serialize(seen))).toEqual(step);
    }
    const error = { code: 10, reason: 'driver-error', message: 'm', detailsJson: '{}', httpStatus: 0, reportJson: '' };
    const seen = reference('DbTransactionAnswer').deserialize(
      codecs.answer.encode({ error, closed: true, more: true }),
    );
    expect(seen).toEqual({ error, result: null, closed: true, more: true });
    expect(codecs.answer.decode(reference('DbTransactionAnswer').serialize(seen))).toEqual({
      error,
      closed: true,
      more: true,
    });
  });
  it('throws at whatever byte a message is cut', () => {
    const whole = codecs.batch.encode({ sql: 'insert', rows: [[1, 'two', Buffer.from('three'), 4.5]] });
    for (let end = 1; end < whole.length; end++) {
      if (end === 8) continue; // between two fields: a shorter message
      expect(() => codecs.batch.decode(whole.subarray(0, end))).toThrow(RangeError);
    }
  });
});
