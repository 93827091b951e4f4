// Codecs of the `db` capability's messages: a million rows pass here. Byte-compatible with database.proto; a test holds
// them against protobufjs.
import type { MethodDefinition } from '@grpc/proto-loader';
import type { DatabaseDefinition } from '../generated/bottle/v1/Database.ts';
import { DbIsolation } from '../generated/bottle/v1/DbIsolation.ts';
import { type Codec, readError, writeError } from './codec.ts';
import {
  EncodedSqlResult,
  type SqlAnswer,
  type SqlAnswerOutput,
  type SqlBatch,
  type SqlColumn,
  type SqlDefinition,
  type SqlResult,
  type SqlStatement,
  type SqlStep,
  SqlText,
  type SqlValue,
} from './database-messages.ts';
import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

/** Field numbers of DbTransactionStep. */
const STEPS = {
  begin: 1,
  execute: 2,
  batch: 3,
  commit: 4,
  rollback: 5,
  savepoint: 6,
  rollbackTo: 7,
  release: 8,
  query: 9,
} as const;
const STEP_NAMES = new Map<number, SqlStep['step']>(
  Object.entries(STEPS).map(([name, field]) => [field, name as SqlStep['step']]),
);
const ISOLATIONS = Object.values(DbIsolation);

/** Puts the codecs in place of proto-loader's. */
export function withSqlCodecs(definition: DatabaseDefinition): SqlDefinition {
  const { statement, batch, result, step, answer } = createSqlCodecs();
  const method = <Request, Answer>(
    original: object,
    request: Codec<Request, Request>,
    response: Codec<never, Answer>,
  ): MethodDefinition<Request, object, Request, Answer> => ({
    ...(original as MethodDefinition<Request, object, Request, Answer>),
    requestSerialize: request.encode,
    requestDeserialize: request.decode,
    responseSerialize: response.encode as (message: object) => Buffer,
    responseDeserialize: response.decode,
  });
  return {
    Execute: method(definition.Execute, statement, result),
    Batch: method(definition.Batch, batch, result),
    Query: method(definition.Query, statement, result),
    Transaction: method(definition.Transaction, step, answer),
  };
}

export function createSqlCodecs() {
  const writer = new WireWriter();
  const codec = <Input, Output>(
    write: (writer: WireWriter, message: Input) => void,
    read: (reader: WireReader) => Output,
  ): Codec<Input, Output> => ({
    encode(message) {
      write(writer, message);
      return writer.finish();
    },
    decode: (bytes) => read(new WireReader(bytes)),
  });
  return {
    statement: codec(writeStatement, readStatement),
    batch: codec(writeBatch, readBatch),
    result: codec(writeResult, readResult),
    step: codec(writeStep, readStep),
    answer: codec(writeAnswer, readAnswer),
  };
}

function writeValue(out: WireWriter, field: number, value: SqlValue): void {
  const start = out.beginShortMessage(field);
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) out.sint64(1, value);
    else out.double(2, value);
  } else if (typeof value === 'string') out.stringItem(3, value);
  else if (typeof value === 'bigint') {
    if (BigInt.asIntN(64, value) === value) out.sint64(1, value);
    else out.stringItem(8, String(value));
  } else if (value instanceof Date) out.double(6, value.getTime());
  else if (value instanceof SqlText) out.stringItem(value.kind === 'decimal' ? 5 : 7, value.text);
  else if (value !== null) out.bytesItem(4, value);
  out.endShortMessage(start);
}

function readValue(reader: WireReader): SqlValue {
  const outer = reader.enter();
  let value: SqlValue = null;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        value = reader.sint64();
        break;
      case 2:
        value = reader.double();
        break;
      case 3:
        value = reader.string();
        break;
      case 4:
        value = reader.bytes();
        break;
      case 5:
        value = new SqlText('decimal', reader.string());
        break;
      case 6:
        value = new Date(reader.double());
        break;
      case 7:
        value = new SqlText('json', reader.string());
        break;
      case 8:
        value = toBigInt(reader.string());
        break;
      default:
        reader.skip();
    }
  }
  reader.leave(outer);
  return value;
}

function toBigInt(text: string): bigint {
  if (!/^-?\d{1,40}$/.test(text)) throw new RangeError('big_integer: expected digits');
  return BigInt(text);
}

function writeRow(out: WireWriter, row: readonly SqlValue[]): void {
  const start = out.beginMessage(2);
  for (const value of row) writeValue(out, 1, value);
  out.endMessage(start);
}

function readRow(reader: WireReader): SqlValue[] {
  const outer = reader.enter();
  const row: SqlValue[] = [];
  while (reader.next()) {
    if (reader.field === 1) row.push(readValue(reader));
    else reader.skip();
  }
  reader.leave(outer);
  return row;
}

function writeStatement(out: WireWriter, { sql, parameters, readOnly }: SqlStatement): void {
  out.string(1, sql);
  for (const value of parameters) writeValue(out, 2, value);
  out.bool(3, readOnly);
}

function readStatement(reader: WireReader): SqlStatement {
  const parameters: SqlValue[] = [];
  const statement = { sql: '', parameters, readOnly: false };
  while (reader.next()) {
    if (reader.field === 1) statement.sql = reader.string();
    else if (reader.field === 2) parameters.push(readValue(reader));
    else if (reader.field === 3) statement.readOnly = reader.bool();
    else reader.skip();
  }
  return statement;
}

function writeBatch(out: WireWriter, { sql, rows }: SqlBatch): void {
  out.string(1, sql);
  for (const row of rows) writeRow(out, row);
}

function readBatch(reader: WireReader): SqlBatch {
  const rows: SqlValue[][] = [];
  const batch = { sql: '', rows };
  while (reader.next()) {
    if (reader.field === 1) batch.sql = reader.string();
    else if (reader.field === 2) rows.push(readRow(reader));
    else reader.skip();
  }
  return batch;
}

function writeResult(out: WireWriter, result: SqlResult | EncodedSqlResult): void {
  if (result instanceof EncodedSqlResult) {
    out.encoded(result.bytes);
    return;
  }
  const { columns, rows, affectedRows, insertId } = result;
  for (const { name, type } of columns) {
    const start = out.beginMessage(1);
    out.string(1, name);
    out.string(2, type);
    out.endMessage(start);
  }
  for (const row of rows) writeRow(out, row);
  out.uint64(3, affectedRows);
  out.uint64(4, insertId);
}

function readResult(reader: WireReader): SqlResult {
  const columns: SqlColumn[] = [];
  const result: SqlResult = { columns, rows: [], affectedRows: 0, insertId: 0 };
  while (reader.next()) {
    if (reader.field === 2) result.rows.push(readRow(reader));
    else if (reader.field === 1) columns.push(readColumn(reader));
    else if (reader.field === 3) result.affectedRows = Number(reader.uint64());
    else if (reader.field === 4) result.insertId = reader.uint64();
    else reader.skip();
  }
  return result;
}

function readColumn(reader: WireReader): SqlColumn {
  const outer = reader.enter();
  const column = { name: '', type: '' };
  while (reader.next()) {
    if (reader.field === 1) column.name = reader.string();
    else if (reader.field === 2) column.type = reader.string();
    else reader.skip();
  }
  reader.leave(outer);
  return column;
}

function writeStep(out: WireWriter, step: SqlStep): void {
  const start = out.beginMessage(STEPS[step.step]);
  if ('statement' in step) writeStatement(out, step.statement);
  else if ('batch' in step) writeBatch(out, step.batch);
  else if ('name' in step) out.string(1, step.name);
  else if ('isolation' in step) {
    out.uint32(1, ISOLATIONS.indexOf(step.isolation));
    out.bool(2, step.readOnly);
  }
  out.endMessage(start);
}

function readStep(reader: WireReader): SqlStep {
  let read: SqlStep | undefined;
  while (reader.next()) {
    const step = STEP_NAMES.get(reader.field);
    if (step) read = readStepOf(step, reader.message());
    else reader.skip();
  }
  if (!read) throw new RangeError('a step without content');
  return read;
}

function readStepOf(step: SqlStep['step'], reader: WireReader): SqlStep {
  switch (step) {
    case 'execute':
    case 'query':
      return { step, statement: readStatement(reader) };
    case 'batch':
      return { step, batch: readBatch(reader) };
    case 'commit':
    case 'rollback':
      return { step };
    case 'begin': {
      const begin = { step, isolation: ISOLATIONS[0], readOnly: false };
      while (reader.next()) {
        if (reader.field === 1) begin.isolation = ISOLATIONS[reader.uint32()] ?? begin.isolation;
        else if (reader.field === 2) begin.readOnly = reader.bool();
        else reader.skip();
      }
      return begin as SqlStep;
    }
    default: {
      const named = { step, name: '' };
      while (reader.next()) {
        if (reader.field === 1) named.name = reader.string();
        else reader.skip();
      }
      return named;
    }
  }
}

function writeAnswer(out: WireWriter, { result, error, closed = false, more = false }: SqlAnswer): void {
  if (result) {
    const start = out.beginMessage(1);
    writeResult(out, result);
    out.endMessage(start);
  }
  if (error) {
    const start = out.beginMessage(2);
    writeError(out, error);
    out.endMessage(start);
  }
  out.bool(3, closed);
  out.bool(4, more);
}

function readAnswer(reader: WireReader): SqlAnswerOutput {
  const answer: SqlAnswerOutput = { closed: false, more: false };
  while (reader.next()) {
    if (reader.field === 1) answer.result = readResult(reader.message());
    else if (reader.field === 2) answer.error = readError(reader.message());
    else if (reader.field === 3) answer.closed = reader.bool();
    else if (reader.field === 4) answer.more = reader.bool();
    else reader.skip();
  }
  return answer;
}
