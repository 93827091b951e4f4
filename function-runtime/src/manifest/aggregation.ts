// Which functions share a pod. Midway's rules: a group names its functions, or patterns for their names; what is named
// anywhere is no pattern's any more; functions that answer requests and functions that consume events are never in one
// group, because they are scaled by different figures. What is in no group is in "default", or in "events".
import { matchesGlob } from 'node:path';
import { type ConfigProblem, type ConfigSource, nearestKey } from '@bottle/config-file';
import type { RawFunction, RawManifest } from './manifest-schema.ts';

/** Functions that are deployed together, as one kind of pod. */
export interface FunctionGroup {
  name: string;
  /** Whether its pods wait for requests, or fetch events. */
  kind: 'http' | 'event';
  /** In the order of serverless.yml. */
  functions: readonly string[];
  /**
   * `aggregation`: the author's group; `rest`: the functions in none; `origin`: one function of a group with
   * `deployOrigin`, which is deployed by itself besides.
   */
  source: 'aggregation' | 'rest' | 'origin';
}

export interface ResolvedGroups {
  groups: FunctionGroup[];
  problems: ConfigProblem[];
  warnings: string[];
}

interface Membership {
  group: string;
  at: readonly PropertyKey[];
}

/** Every function's group, or everything that is wrong with `aggregation`. */
export function resolveGroups(raw: RawManifest, source: ConfigSource): ResolvedGroups {
  const problems: ConfigProblem[] = [];
  const refuse = (at: readonly PropertyKey[], message: string): void => {
    problems.push({ ...source.locate(at), path: at.map(String).join('.'), message });
  };
  const aggregation = Object.entries(raw.aggregation ?? {});
  const names = Object.keys(raw.functions);
  const members = new Map<string, Membership>();

  for (const [group, { functions = [] }] of aggregation) {
    for (const [index, name] of functions.entries()) {
      const at = ['aggregation', group, 'functions', index];
      const other = members.get(name);
      if (!names.includes(name)) refuse(at, noFunction(name, names));
      else if (other) refuse(at, `${name} is in the group ${other.group} already`);
      else members.set(name, { group, at });
    }
  }
  const named = new Set(members.keys());
  for (const [group, { functions, functionsPattern: patterns }] of aggregation) {
    if (functions || !patterns) continue;
    const at = ['aggregation', group, 'functionsPattern'];
    for (const name of names.filter((each) => !named.has(each) && matches(each, patterns))) {
      const other = members.get(name);
      if (other) refuse(at, `${name} is matched by the group ${other.group}, too: name it in the \`functions\` of one`);
      else members.set(name, { group, at });
    }
  }

  const groups: FunctionGroup[] = [];
  for (const [group] of aggregation) {
    const functions = names.filter((name) => members.get(name)?.group === group);
    if (functions.length === 0 && problems.length === 0)
      refuse(
        ['aggregation', group],
        'the group has no functions: expected `functions`, or a `functionsPattern` that fits',
      );
    for (const problem of mixtures(functions, raw, members)) refuse(problem.at, problem.message);
    groups.push({ name: group, kind: kindOfGroup(functions, raw), functions, source: 'aggregation' });
  }
  for (const rest of restOf(names, raw, members)) {
    if (rest.name in (raw.aggregation ?? {}))
      refuse(
        ['aggregation', rest.name],
        `${rest.functions.join(', ')} would make a group of this name, being in none: add them to one, or rename this one`,
      );
    groups.push(rest);
  }
  groups.push(...originsOf(groups, raw));
  const warnings = aggregation.flatMap(([group, { functions, functionsPattern }]) =>
    functions && functionsPattern ? [`aggregation.${group}.functionsPattern: has no effect beside functions`] : [],
  );
  return { groups, problems, warnings };
}

/** The message for a name that is no function's. */
export function noFunction(name: string, names: readonly string[]): string {
  const nearest = nearestKey(name, names);
  return `there is no function "${name}"; ${nearest ? `did you mean "${nearest}"?` : `there are: ${names.join(', ')}`}`;
}

/** Some pattern fits, and none of those that begin with "!". With such ones only, everything else fits. */
function matches(name: string, patterns: readonly string[]): boolean {
  const excluded = patterns.filter((pattern) => pattern.startsWith('!'));
  const included = patterns.filter((pattern) => !pattern.startsWith('!'));
  if (excluded.some((pattern) => matchesGlob(name, pattern.slice(1)))) return false;
  return included.length === 0 || included.some((pattern) => matchesGlob(name, pattern));
}

/** Where a group has functions of both kinds: at each one of the kind that came second. */
function* mixtures(functions: readonly string[], raw: RawManifest, members: ReadonlyMap<string, Membership>) {
  let first: { name: string; kind: 'http' | 'event' } | undefined;
  for (const name of functions) {
    const kind = kindOf(raw.functions[name]);
    const { group, at } = members.get(name) ?? { group: '', at: [] };
    if (kind === 'both') {
      const message = `${name} has HTTP and event triggers, which never share a pod: make two functions of one handler`;
      yield { at, message };
    } else if (kind !== 'none') {
      first ??= { name, kind };
      if (kind === first.kind) continue;
      const what = { http: 'answers requests', event: 'consumes events' };
      const message = `${name} ${what[kind]} and ${first.name} ${what[first.kind]}: the group ${group} cannot have both`;
      yield { at, message };
    }
  }
}

/** A function without a trigger goes where requests are answered; so does one with both kinds, outside of groups. */
function restOf(names: readonly string[], raw: RawManifest, members: ReadonlyMap<string, Membership>): FunctionGroup[] {
  const rest = names.filter((name) => !members.has(name));
  const events = rest.filter((name) => kindOf(raw.functions[name]) === 'event');
  const others = rest.filter((name) => !events.includes(name));
  const groups: FunctionGroup[] = [
    { name: 'default', kind: 'http', functions: others, source: 'rest' },
    { name: 'events', kind: 'event', functions: events, source: 'rest' },
  ];
  return groups.filter(({ functions }) => functions.length > 0);
}

function originsOf(groups: readonly FunctionGroup[], raw: RawManifest): FunctionGroup[] {
  return groups
    .filter(({ name, source }) => source === 'aggregation' && raw.aggregation?.[name]?.deployOrigin === true)
    .flatMap(({ functions }) => functions)
    .map((name) => ({ name, kind: kindOfGroup([name], raw), functions: [name], source: 'origin' }));
}

function kindOfGroup(functions: readonly string[], raw: RawManifest): 'http' | 'event' {
  return functions.some((name) => kindOf(raw.functions[name]) === 'event') ? 'event' : 'http';
}

/** By who begins: a caller that waits for the answer, or this pod, which fetches events. */
function kindOf(spec: RawFunction | undefined): 'http' | 'event' | 'both' | 'none' {
  const kinds = new Set<'http' | 'event'>();
  for (const { http, apigw, rpc, mtop, cloudevents, ...fetched } of spec?.events ?? []) {
    if (http ?? apigw ?? rpc ?? mtop) kinds.add('http');
    if (cloudevents && (cloudevents.path !== undefined || cloudevents.resource === undefined)) kinds.add('http');
    if (cloudevents?.resource !== undefined || Object.keys(fetched).length > 0) kinds.add('event');
  }
  const [kind = 'none', other] = kinds;
  return other ? 'both' : kind;
}
