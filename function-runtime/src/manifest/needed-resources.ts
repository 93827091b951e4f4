import type { ConfigSource } from '@bottle/config-file';
import type { RawFunction } from './manifest-schema.ts';

/** A resource that a function or a layer needs, and where it says so. */
export interface NeededResource {
  /** The function, or "the layer timing". */
  by: string;
  /** "cache.sessions", or the setting of the operator's file that names it: "timers.lock", "gateway.sessions". */
  resource: string;
  /** "read", of "db.shop:read". */
  access?: string;
  source: string;
  line?: number | undefined;
  /** "functions.sell.uses.0" */
  path: string;
}

/** Everything that a function names: what its code may use, where its events come from, what keeps its results. */
export function neededResources(source: ConfigSource, by: string, { uses, events }: RawFunction): NeededResource[] {
  const need = (resource: string, ...rest: (string | number)[]): NeededResource => {
    const path = ['functions', by, ...rest];
    return { by, resource, ...source.locate(path), path: path.join('.') };
  };
  const ofEvents = (events ?? []).flatMap((event, at) => {
    const { http, apigw, mq, rpc, cloudevents, mtop, timer } = event;
    const triggers = Object.entries({ http, apigw, mq, rpc, cloudevents, mtop });
    return [
      ...(mq ? [need(`mq.${mq.resource}`, 'events', at, 'mq', 'resource')] : []),
      ...(cloudevents?.resource === undefined
        ? []
        : [need(`mq.${cloudevents.resource}`, 'events', at, 'cloudevents', 'resource')]),
      ...(timer ? [need('timers.lock', 'events', at, 'timer')] : []),
      ...(mtop && mtop.session !== 'none' ? [need('gateway.sessions', 'events', at, 'mtop')] : []),
      ...triggers.flatMap(([kind, trigger]) =>
        trigger?.idempotency
          ? [need(`cache.${trigger.idempotency.resource}`, 'events', at, kind, 'idempotency', 'resource')]
          : [],
      ),
    ];
  });
  return [...usedResources(source, by, ['functions', by], uses ?? []), ...ofEvents];
}

/** What the list `uses` at this place names. */
export function usedResources(
  source: ConfigSource,
  by: string,
  place: readonly string[],
  uses: readonly string[],
): NeededResource[] {
  return uses.map((use, at) => {
    const [resource = '', access] = use.split(':');
    const path = [...place, 'uses', at];
    const needed = { by, resource, ...source.locate(path), path: path.join('.') };
    return access === undefined ? needed : { ...needed, access };
  });
}
