import type { Switch, SwitchComparison, SwitchCondition, SwitchScalar, SwitchShare } from '@bottle/protos';
import { murmur3 } from './murmur3.ts';

/** What a switch is asked for: who it is, where, with what. */
export type SwitchAttributes = Readonly<Record<string, SwitchScalar | null | undefined>>;

export interface SwitchAnswer {
  on: boolean;
  variant: string | undefined;
}

const OFF: SwitchAnswer = Object.freeze({ on: false, variant: undefined });

/** The first rule that applies answers, else the switch itself. The same attributes always get the same answer. */
export function evaluateSwitch(name: string, definition: Switch, attributes: SwitchAttributes): SwitchAnswer {
  for (const rule of definition.rules ?? []) {
    const conditions = Object.entries(rule.if ?? {});
    if (!conditions.every(([attribute, condition]) => meets(attributes[attribute], condition))) continue;
    if (!isInShare(name, rule, attributes)) continue;
    return rule.on === false ? OFF : { on: true, variant: rule.variant };
  }
  if (!definition.on || !isInShare(name, definition, attributes)) return OFF;
  return { on: true, variant: definition.variant };
}

/**
 * Where a value stands among all, from 0 to 100: the hash of "name:value". It does not depend on the percentage, so
 * raising that only adds values.
 */
export function positionOf(name: string, value: SwitchScalar): number {
  return (murmur3(`${name}:${String(value)}`) / 2 ** 32) * 100;
}

function isInShare(name: string, { percent = 100, by = 'userId' }: SwitchShare, attributes: SwitchAttributes): boolean {
  if (percent >= 100) return true;
  const value = attributes[by];
  return value !== undefined && value !== null && positionOf(name, value) < percent;
}

function meets(value: SwitchScalar | null | undefined, condition: SwitchCondition): boolean {
  if (value === undefined || value === null) return false;
  if (!isComparison(condition)) return isOneOf(value, condition);
  const { not, min, max, startsWith, endsWith } = condition;
  const text = String(value);
  return (
    (not === undefined || !isOneOf(value, not)) &&
    (min === undefined || Number(value) >= min) &&
    (max === undefined || Number(value) <= max) &&
    (startsWith === undefined || text.startsWith(startsWith)) &&
    (endsWith === undefined || text.endsWith(endsWith))
  );
}

function isOneOf(value: SwitchScalar, candidates: SwitchScalar | readonly SwitchScalar[]): boolean {
  const text = String(value);
  return typeof candidates === 'object'
    ? candidates.some((candidate) => String(candidate) === text)
    : String(candidates) === text;
}

function isComparison(condition: SwitchCondition): condition is SwitchComparison {
  return typeof condition === 'object' && !Array.isArray(condition);
}
