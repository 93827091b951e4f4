import { type BottleError, CallError, Code, type SqlValue } from '@bottle/protos';
import { type DbParameter, SqlJson, toSqlValue } from './parameters.ts';

/** A piece of a statement: text from the program, and the values that belong to it. Made by `sql` only. */
export class SqlFragment {
  readonly text: string;
  readonly parameters: readonly SqlValue[];

  constructor(text: string, parameters: readonly SqlValue[]) {
    this.text = text;
    this.parameters = parameters;
  }
}

/** What may stand between `${` and `}`. */
export type SqlInput = DbParameter | SqlFragment;

/** Pieces of statements. */
export interface SqlHelpers {
  /** A piece to be put into statements: `` sql.fragment`where id = ${id}` ``. */
  fragment(strings: TemplateStringsArray, ...values: SqlInput[]): SqlFragment;
  /**
   * A name that is not known when the program is written: a column to sort by. Letters, digits, "_" and "$", parts
   * separated by dots; it is quoted. Throws `bad-identifier` on anything else. Check it against a list of your own, too.
   */
  identifier(name: string): SqlFragment;
  /** For IN: `(?, ?, ?)`. No values: nothing is in the list, and everything is not. */
  list(values: readonly DbParameter[]): SqlFragment;
  /** A JSON document of any value: `true`, a string and null, too, which by themselves are no JSON. */
  json(value: unknown): SqlJson;
  /** Fragments one after the other, with a separator between them. @default ', ' */
  join(fragments: readonly SqlFragment[], separator?: SqlFragment): SqlFragment;
}

const COMMA = new SqlFragment(', ', []);

/** Pieces of statements; a database's own `sql` has them, too. */
export const sql: SqlHelpers = {
  fragment: toFragment,
  identifier: (name) => new SqlFragment(quoted(name), []),
  list(values) {
    if (values.length === 0) return new SqlFragment('(select null where 1 = 0)', []);
    return new SqlFragment(`(${values.map(() => '?').join(', ')})`, values.map(toSqlValue));
  },
  json: (value) => new SqlJson(value),
  join(fragments, separator = COMMA) {
    const parts = fragments.flatMap((fragment, at) => (at === 0 ? [fragment] : [separator, fragment]));
    for (const part of parts) if (!(part instanceof SqlFragment)) throw noTemplate();
    return new SqlFragment(
      parts.map(({ text }) => text).join(''),
      parts.flatMap(({ parameters }) => parameters),
    );
  },
};

/** What a tagged template says. Throws when it is no template: text that was put together is no statement. */
export function toFragment(strings: TemplateStringsArray, ...values: SqlInput[]): SqlFragment {
  // Nothing but the language makes a frozen array with frozen `raw`: no JSON, no string, no array of strings.
  const isTemplate =
    Array.isArray(strings) && Object.isFrozen(strings) && Array.isArray(strings.raw) && Object.isFrozen(strings.raw);
  if (!isTemplate || strings.length !== values.length + 1) throw noTemplate();
  let text = strings[0] ?? '';
  const parameters: SqlValue[] = [];
  values.forEach((value, at) => {
    if (value instanceof SqlFragment) {
      text += value.text;
      parameters.push(...value.parameters);
    } else {
      if (Array.isArray(value) && /\bin\s*\(\s*$/i.test(text)) throw noList();
      text += '?';
      parameters.push(toSqlValue(value));
    }
    text += strings[at + 1] ?? '';
  });
  return new SqlFragment(text, parameters);
}

/** A name in the quotes that MySQL and SQLite both know. */
export function quoted(name: string): string {
  if (typeof name === 'string' && /^[A-Za-z_$][\w$]{0,63}(\.[A-Za-z_$][\w$]{0,63}){0,2}$/.test(name)) {
    return name
      .split('.')
      .map((part) => `\`${part}\``)
      .join('.');
  }
  const message = `${JSON.stringify(name)} is not a name: expected letters, digits, "_" and "$", parts separated by dots`;
  throw new CallError(Code.INVALID_ARGUMENT, 'bad-identifier', message);
}

function noTemplate(): BottleError {
  const message = 'expected a tagged template: sql`select …`. For text from elsewhere there is execute(text, values)';
  return new CallError(Code.INVALID_ARGUMENT, 'no-template', message);
}

/** A list as one parameter is JSON, which is in no list: the statement would find nothing. */
function noList(): CallError {
  const message =
    'a list behind IN is written with its helper: in ${db.sql.list(values)}, without parentheses of your own';
  return new CallError(Code.INVALID_ARGUMENT, 'bad-value', message);
}
