import { type ConfigPlace, type ConfigProblem, ConfigProblems, nearestKey } from '@bottle/config-file';
import { sidecarConfigSchema } from '../config.ts';
import type { SidecarSettings } from '../load-sidecar-config.ts';
import { lineFor, type Missing, missingResources, missingWords, type Need, partsOf } from './missing-resources.ts';
import { DRIVERS } from './drivers.ts';
import { offeredResources } from './offered-resources.ts';

/** What a project needs of its pod, as its manifest says. */
export interface ProjectNeeds {
  /** Those that the pod has. */
  functions: readonly string[];
  /** A `resource` may be the setting that names it: "timers.lock", "gateway.sessions". */
  needs: readonly NeedAtPlace[];
}

interface NeedAtPlace extends Need, ConfigPlace {
  /** "functions.sell.uses.0" */
  path: string;
  /** "read", of "db.shop:read". */
  access?: string;
}

export interface NeedsReport {
  /** Each with the place that names the resource, and in its message the one where it is missing. */
  problems: ConfigProblem[];
  /** The same, to be printed; empty when there are none. */
  text: string;
  warnings: string[];
}

/**
 * What a project needs and its pod would not have with these settings. Without any resource configured somebody tries the
 * project out: what embedded drivers cannot stand in for, an upstream, is no problem yet.
 */
export function checkNeeds({ source }: SidecarSettings, { functions, needs }: ProjectNeeds): NeedsReport {
  const { resources } = source.data;
  const offered = offeredResources(resources);
  const named = needs.flatMap((need) => namedResource(need, source.data));
  const isTriedOut = ({ need }: Missing): boolean =>
    offered.anyName.length > 0 && partsOf(need.resource).capability !== 'rpc';
  const missing = missingResources(named, functions, offered);
  const absent = missing
    .filter((each) => !isTriedOut(each))
    .map((each) => {
      const { source: from, line, path } = each.need;
      const { capability, name } = partsOf(each.need.resource);
      const place = source.locate(['resources', capability]);
      const words = missingWords(each, placeWords(place, capability));
      return { source: from, line, path, message: `${words}${hint(each, capability, name)}` };
    });
  const problems = [...absent, ...needs.flatMap(unknownAccess)];
  return {
    problems,
    text: problems.length > 0 ? new ConfigProblems(problems).message : '',
    warnings: missing.filter(isTriedOut).map((each) => missingWords(each, 'sidecar.yml')),
  };
}

/** A grant of something that the capability does not know would grant nothing. */
function unknownAccess({ resource, access, source, line, path }: NeedAtPlace): ConfigProblem[] {
  const { capability } = partsOf(resource);
  if (access === undefined || !isCapability(capability)) return [];
  const known = DRIVERS[capability]?.capability.accesses ?? [];
  if (known.includes(access)) return [];
  const meant = nearestKey(access, known);
  const words = meant === undefined ? '' : `; did you mean "${resource}:${meant}"?`;
  return [{ source, line, path, message: `${capability} has no access "${access}", only ${known.join(', ')}${words}` }];
}

function isCapability(name: string): name is keyof typeof DRIVERS {
  return Object.hasOwn(DRIVERS, name);
}

/** "sidecar.yml:3 (resources.cache)" */
function placeWords({ source, line }: ConfigPlace, capability: string): string {
  return line === undefined ? 'sidecar.yml' : `${source}:${line} (resources.${capability})`;
}

function hint({ known }: Missing, capability: string, name: string): string {
  const meant = nearestKey(
    name,
    known.map((id) => partsOf(id).name),
  );
  const add = `add \`${lineFor(capability, name)}\``;
  return meant === undefined ? `: ${add}` : `; did you mean "${capability}.${meant}"? Otherwise ${add}`;
}

/** The need with the resource's own name, where a setting gives it; none where nobody signs requests. */
function namedResource(need: NeedAtPlace, data: Record<string, unknown>): NeedAtPlace[] {
  if (need.resource === 'timers.lock') return [{ ...need, resource: `lock.${textAt(data, 'timers', 'lock')}` }];
  if (need.resource !== 'gateway.sessions') return [need];
  const { apps } = asRecord(data['gateway']);
  if (Object.keys(asRecord(apps)).length === 0) return [];
  return [{ ...need, resource: `cache.${textAt(data, 'gateway', 'sessions')}` }];
}

/** A resource's name; the capability may stand before it. */
function textAt(data: Record<string, unknown>, section: 'timers' | 'gateway', key: 'lock' | 'sessions'): string {
  const given = asRecord(data[section])[key];
  const defaults: Record<string, unknown> = sidecarConfigSchema.parse({})[section];
  return String(given ?? defaults[key]).replace(/^cache\./, '');
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
