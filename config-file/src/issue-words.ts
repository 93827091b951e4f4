import { z } from 'zod';
import { nearestKey } from './nearest-key.ts';

type Issue = z.core.$ZodIssue;

/** Longer values are cut. */
const MAX_SHOWN = 40;
const TYPES: Readonly<Record<string, string>> = Object.freeze({
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
});

/**
 * What is wrong with a value, as a sentence: what is allowed, and what it is instead. `schemas` are those that the value may
 * have. Where a schema has words of its own, those. Of a value that `isHidden` not even its kind is said.
 */
export function issueWords(issue: Issue, value: unknown, schemas: readonly z.ZodType[], isHidden: boolean): string {
  if (!/^(Invalid|Too (big|small))\b/.test(issue.message)) return issue.message;
  const expected = expectedOf(issue, schemas);
  if (expected === undefined) return issue.message;
  if (isHidden) return `expected ${expected}, not what it is`;
  return value === undefined ? `is missing: expected ${expected}` : `expected ${expected}, not ${shown(issue, value)}`;
}

/** Undefined when zod's own words have to do. */
function expectedOf(issue: Issue, schemas: readonly z.ZodType[]): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'number' || issue.expected === 'int' ? numberOf(schemas) : TYPES[issue.expected];
    case 'too_big':
    case 'too_small':
      return sizeOf(issue, schemas);
    case 'invalid_value':
      return oneOf(issue.values);
    case 'invalid_union':
      return 'options' in issue && issue.options ? oneOf(issue.options) : alternatives(issue.errors.flat(), schemas);
    default:
      return undefined;
  }
}

/** Something that is no value of any kind: a union whose members say each what they want. */
function alternatives(issues: readonly Issue[], schemas: readonly z.ZodType[]): string | undefined {
  const wanted = issues.map((issue) => (issue.path.length === 0 ? expectedOf(issue, schemas) : undefined));
  const known = [...new Set(wanted.filter((words) => words !== undefined))];
  return known.length > 0 && known.length === new Set(wanted).size ? known.join(', or ') : undefined;
}

function numberOf(schemas: readonly z.ZodType[]): string {
  const schema = schemas.find((each) => each instanceof z.ZodNumber);
  const words = schema?.isInt ? 'a whole number' : 'a number';
  const { minValue, maxValue } = schema ?? { minValue: null, maxValue: null };
  const least = minValue !== null && minValue > Number.MIN_SAFE_INTEGER ? minValue : undefined;
  const most = maxValue !== null && maxValue < Number.MAX_SAFE_INTEGER ? maxValue : undefined;
  if (least !== undefined && most !== undefined) return `${words} from ${least} to ${most}`;
  if (least !== undefined) return `${words} of at least ${least}`;
  return most === undefined ? words : `${words} of at most ${most}`;
}

function sizeOf(
  issue: z.core.$ZodIssueTooBig | z.core.$ZodIssueTooSmall,
  schemas: readonly z.ZodType[],
): string | undefined {
  if (issue.origin === 'number' || issue.origin === 'int') return numberOf(schemas);
  const unit = { string: 'characters', array: 'entries' }[issue.origin as string];
  if (unit === undefined) return undefined;
  return issue.code === 'too_big' ? `at most ${issue.maximum} ${unit}` : `at least ${issue.minimum} ${unit}`;
}

function oneOf(values: readonly unknown[]): string {
  const quoted = values.map((value) => JSON.stringify(value));
  return quoted.length === 1 ? String(quoted[0]) : `one of ${quoted.join(', ')}`;
}

/** Text where text is allowed may be a secret, and only its kind is said. */
function shown(issue: Issue, value: unknown): string {
  if (issue.code === 'too_big' || issue.code === 'too_small') {
    if (typeof value === 'string' || Array.isArray(value)) return String(value.length);
  }
  if (typeof value === 'object') return value === null ? 'empty' : Array.isArray(value) ? 'a list' : 'a mapping';
  const isSecret = issue.code === 'invalid_type' && issue.expected === 'string';
  if (isSecret) return TYPES[typeof value] ?? typeof value;
  const text = JSON.stringify(value);
  const cut = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  const known = 'options' in issue ? issue.options : 'values' in issue ? issue.values : [];
  const meant = typeof value === 'string' ? nearestKey(value, (known as unknown[]).map(String)) : undefined;
  return meant === undefined ? cut : `${cut}; did you mean "${meant}"?`;
}
