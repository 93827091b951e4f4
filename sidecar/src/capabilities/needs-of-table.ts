import type { FunctionTable__Output } from '@bottle/protos';
import type { Need } from './missing-resources.ts';

/** The resources that the functions of a table name, whether their code does or their triggers do. `timersLock` is `timers.lock`. */
export function needsOfTable({ functions }: FunctionTable__Output, timersLock: string): Need[] {
  return functions.flatMap(({ name: by, uses, http, mq, rpc, cloudEvents, gateway, timers }) => {
    const kept = [...http, ...mq, ...rpc, ...cloudEvents, ...gateway].flatMap(({ idempotency }) => idempotency ?? []);
    const queues = [...mq, ...cloudEvents].flatMap(({ resource }) => (resource === '' ? [] : [`mq.${resource}`]));
    return [
      ...uses.map((use) => use.split(':')[0] ?? ''),
      ...queues,
      ...(timers.length > 0 ? [`lock.${timersLock}`] : []),
      ...kept.map(({ resource }) => `cache.${resource}`),
    ].map((resource) => ({ by, resource }));
  });
}
