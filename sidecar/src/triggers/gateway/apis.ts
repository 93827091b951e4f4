import { BottleError, Code, type FunctionTable__Output, type GatewayTrigger__Output } from '@bottle/protos';

/** An API in one version, and the function behind it. */
export interface Api {
  functionName: string;
  trigger: GatewayTrigger__Output;
}

/** By name, then by version. */
export type Apis = ReadonlyMap<string, ReadonlyMap<string, Api>>;

export function apisOf(table: FunctionTable__Output): Apis {
  const apis = new Map<string, Map<string, Api>>();
  for (const { name: functionName, gateway } of table.functions) {
    for (const trigger of gateway) {
      const versions = apis.get(trigger.api) ?? new Map<string, Api>();
      apis.set(trigger.api, versions.set(trigger.version, { functionName, trigger }));
    }
  }
  return apis;
}

/** Throws NOT_FOUND, with the versions that there are. */
export function findApi(apis: Apis, { api, version }: { api: string; version: string }): Api {
  const versions = apis.get(api);
  if (!versions) throw new BottleError(Code.NOT_FOUND, 'unknown-api', `there is no API "${api}"`);
  const found = versions.get(version);
  if (found) return found;
  const known = [...versions.keys()];
  const message = `${api} has no version ${version}: there is ${known.join(', ')}`;
  throw new BottleError(Code.NOT_FOUND, 'unknown-version', message, { details: { versions: known } });
}
