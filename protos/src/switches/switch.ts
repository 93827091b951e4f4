// A switch as JSON, the same for whoever writes or evaluates one:
//
//   {
//     "on": false,                              // the answer when no rule applies
//     "rules": [                                // tried in order; the first that applies answers
//       { "if": { "plan": "pro", "country": ["DE", "AT"] } },
//       { "if": { "age": { "min": 18 } }, "percent": 20, "by": "userId", "variant": "blue" },
//       { "if": { "email": { "endsWith": "@example.com" } }, "on": false }
//     ]
//   }
//
//   { "on": true, "percent": 20 }               // on for a fifth of the users
import { BottleError, Code } from '../errors.ts';

/** What attributes are compared with; as text, so that 42 and "42" are the same. */
export type SwitchScalar = string | number | boolean;

/** All that is given must hold. */
export interface SwitchComparison {
  /** None of these. */
  not?: SwitchScalar | readonly SwitchScalar[];
  /** At least, as a number. */
  min?: number;
  /** At most, as a number. */
  max?: number;
  startsWith?: string;
  endsWith?: string;
}

/** One value, one of several, or a comparison. An attribute that is missing meets no condition. */
export type SwitchCondition = SwitchScalar | readonly SwitchScalar[] | SwitchComparison;

/** A share of all values that an attribute may have, always the same ones; raising it only adds some. */
export interface SwitchShare {
  /** 0 to 100, decimals allowed. @default 100 */
  percent?: number;
  /** The attribute that decides who belongs to the share; without it nobody does. @default "userId" */
  by?: string;
}

export interface SwitchOutcome {
  /** @default true */
  on?: boolean;
  /** What `variant()` answers; only where it is on. */
  variant?: string;
}

/** Applies when every condition holds and the share contains the caller. */
export interface SwitchRule extends SwitchShare, SwitchOutcome {
  if?: Readonly<Record<string, SwitchCondition>>;
}

export interface Switch extends SwitchShare, SwitchOutcome {
  /** The answer when no rule applies: with `percent`, for those who belong to the share. */
  on: boolean;
  /** Tried in order. */
  rules?: readonly SwitchRule[];
  /** For people. */
  description?: string;
}

/** One mistake in a switch. */
export interface SwitchIssue {
  /** ["rules", 0, "percent"] */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const MAX_RULES = 100;
const SHARE_AND_OUTCOME = ['on', 'variant', 'percent', 'by'];
const COMPARISONS = ['not', 'min', 'max', 'startsWith', 'endsWith'];

/** Everything that is wrong with a switch; nothing when the value is a `Switch`. */
export function switchIssues(value: unknown): SwitchIssue[] {
  if (!isObject(value)) return [{ path: [], message: 'expected an object like { "on": true }' }];
  const issues = unknownKeys(value, ['rules', 'description', ...SHARE_AND_OUTCOME], []);
  const { on, description, rules } = value;
  if (typeof on !== 'boolean') issues.push({ path: ['on'], message: 'expected true or false' });
  if (description !== undefined && typeof description !== 'string')
    issues.push({ path: ['description'], message: 'expected text' });
  if (on === false && value['percent'] !== undefined) {
    const message = 'says for how many it is on; with "on": false it is on for nobody';
    issues.push({ path: ['percent'], message });
  }
  issues.push(...shareIssues(value, []), ...outcomeIssues(value, []));
  if (rules === undefined) return issues;
  if (!Array.isArray(rules)) return [...issues, { path: ['rules'], message: 'expected a list' }];
  if (rules.length > MAX_RULES) issues.push({ path: ['rules'], message: `expected at most ${MAX_RULES}` });
  return [...issues, ...rules.flatMap((rule, at) => ruleIssues(rule, ['rules', at]))];
}

/** Throws INVALID_ARGUMENT `switch-invalid` with every mistake. */
export function assertSwitch(name: string, value: unknown): asserts value is Switch {
  const issues = switchIssues(value);
  if (issues.length === 0) return;
  const lines = issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`));
  throw new BottleError(Code.INVALID_ARGUMENT, 'switch-invalid', `"${name}" is not a switch: ${lines.join('; ')}`, {
    details: { issues },
  });
}

type Path = SwitchIssue['path'];

function ruleIssues(rule: unknown, path: Path): SwitchIssue[] {
  if (!isObject(rule)) return [{ path, message: 'expected an object like { "if": { "country": "DE" } }' }];
  const issues = unknownKeys(rule, ['if', ...SHARE_AND_OUTCOME], path);
  const { on, if: conditions } = rule;
  if (on !== undefined && typeof on !== 'boolean')
    issues.push({ path: [...path, 'on'], message: 'expected true or false' });
  issues.push(...shareIssues(rule, path), ...outcomeIssues(rule, path));
  if (conditions === undefined) return issues;
  const ifPath = [...path, 'if'];
  if (!isObject(conditions)) return [...issues, { path: ifPath, message: 'expected an object of attributes' }];
  return [
    ...issues,
    ...Object.entries(conditions).flatMap(([name, condition]) => conditionIssues(condition, [...ifPath, name])),
  ];
}

function conditionIssues(condition: unknown, path: Path): SwitchIssue[] {
  if (isScalar(condition)) return [];
  if (Array.isArray(condition)) return listIssues(condition, path);
  if (!isObject(condition)) return [{ path, message: 'expected a value, a list of values or a comparison' }];
  const issues = unknownKeys(condition, COMPARISONS, path);
  if (Object.keys(condition).length === 0) issues.push({ path, message: `expected one of ${COMPARISONS.join(', ')}` });
  const { not } = condition;
  if (Array.isArray(not)) issues.push(...listIssues(not, [...path, 'not']));
  else if (not !== undefined && !isScalar(not))
    issues.push({ path: [...path, 'not'], message: 'expected a value or a list of values' });
  for (const key of ['min', 'max']) {
    if (condition[key] !== undefined && typeof condition[key] !== 'number')
      issues.push({ path: [...path, key], message: 'expected a number' });
  }
  for (const key of ['startsWith', 'endsWith']) {
    if (condition[key] !== undefined && typeof condition[key] !== 'string')
      issues.push({ path: [...path, key], message: 'expected text' });
  }
  return issues;
}

function listIssues(list: readonly unknown[], path: Path): SwitchIssue[] {
  if (list.length === 0) return [{ path, message: 'expected at least one value' }];
  return list.flatMap((value, at) =>
    isScalar(value) ? [] : [{ path: [...path, at], message: 'expected text, a number, true or false' }],
  );
}

function shareIssues({ percent, by }: Record<string, unknown>, path: Path): SwitchIssue[] {
  const issues: SwitchIssue[] = [];
  if (percent !== undefined && !(typeof percent === 'number' && percent >= 0 && percent <= 100))
    issues.push({ path: [...path, 'percent'], message: 'expected a number from 0 to 100' });
  if (by !== undefined && (typeof by !== 'string' || by === ''))
    issues.push({ path: [...path, 'by'], message: 'expected the name of an attribute' });
  if (by !== undefined && percent === undefined)
    issues.push({ path: [...path, 'by'], message: 'has no meaning without "percent"' });
  return issues;
}

function outcomeIssues({ on, variant }: Record<string, unknown>, path: Path): SwitchIssue[] {
  if (variant === undefined) return [];
  if (typeof variant !== 'string' || variant === '')
    return [{ path: [...path, 'variant'], message: 'expected a name' }];
  return on === false ? [{ path: [...path, 'variant'], message: 'has no meaning with "on": false' }] : [];
}

function unknownKeys(value: object, known: readonly string[], path: Path): SwitchIssue[] {
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => ({ path: [...path, key], message: `unknown key; known are ${known.join(', ')}` }));
}

function isScalar(value: unknown): value is SwitchScalar {
  return (
    typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
