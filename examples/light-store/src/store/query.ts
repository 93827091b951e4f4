import type { OneOrMany } from 'bottle-sdk';
import type { FieldProblems } from './field-problems.ts';

/** The parameters of a query string, as `ctx.query` holds them. */
export type Query = Readonly<Record<string, OneOrMany | undefined>>;

/** The parameter's text, trimmed; the first one counts when it was repeated, '' when it is absent. */
export function textOf(query: Query, name: string): string {
  const value = query[name];
  return (Array.isArray(value) ? value[0] : value)?.trim() ?? '';
}

/** A whole number within bounds, or the fallback when the parameter is absent. */
export function wholeNumberOf(
  query: Query,
  name: string,
  bounds: { min: number; max: number; fallback: number },
  problems: FieldProblems,
): number {
  const text = textOf(query, name);
  if (text === '') return bounds.fallback;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= bounds.min && value <= bounds.max) return value;
  problems.add(name, `expected a whole number from ${bounds.min} to ${bounds.max}`);
  return bounds.fallback;
}
