import type { FunctionTable__Output } from '@bottle/protos';
import type { Need } from './missing-resources.ts';

/** The resources that a table names: the code of its functions, their triggers, its layers. `timersLock` is `timers.lock`. */
export function needsOfTable({ functions, layerUses }: FunctionTable__Output, timersLock: string): Need[] {
  const ofLayers = layerUses.map((use) => ({ by: 'a layer', resource: use.split(':')[0] ?? '' }));
  const ofFunctions = functions.flatMap(({ name: by, uses, http, mq, rpc, cloudEvents, gateway, timers }) => {
    const kept = [...http, ...mq, ...rpc, ...cloudEvents, ...gateway].flatMap(({ idempotency }) => idempotency ?? []);
    const queues = [...mq, ...cloudEvents].flatMap(({ resource }) => (resource === '' ? [] : [`mq.${resource}`]));
    return [
      ...uses.map((use) => use.split(':')[0] ?? ''),
      ...queues,
      ...(timers.length > 0 ? [`lock.${timersLock}`] : []),
      ...kept.map(({ resource }) => `cache.${resource}`),
    ].map((resource) => ({ by, resource }));
  });
  return [...ofLayers, ...ofFunctions];
}
