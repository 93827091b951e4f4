import { describeTriggers, type FunctionTable__Output } from '@bottle/protos';
import type { FunctionLoad } from '../layer.ts';

export interface FunctionsSnapshot {
  /** Undefined until a function container has announced one. */
  table: FunctionTable__Output | undefined;
  connected: boolean;
  /** Undefined while no gRPC method is answered. */
  rpcPort: number | undefined;
  loads: readonly FunctionLoad[];
  /** Of the project, where whoever started the sidecar said it. */
  directory: string | undefined;
}

/** The document behind `GET /functions`: the function table with states and load. */
export function describeFunctions({ table, connected, rpcPort, loads, directory }: FunctionsSnapshot): object {
  const loadOf = new Map(loads.map((entry) => [entry.name, entry]));
  const functions = (table?.functions ?? []).map((info) => ({
    name: info.name,
    handler: info.handler,
    state: info.state.replace('FUNCTION_STATE_', '').toLowerCase(),
    ...(info.stateReason === '' ? {} : { reason: info.stateReason }),
    timeoutMs: info.timeoutMs,
    concurrency: info.concurrency,
    idempotent: info.idempotent,
    inFlight: loadOf.get(info.name)?.inFlight ?? 0,
    abandoned: loadOf.get(info.name)?.abandoned ?? 0,
    waiting: loadOf.get(info.name)?.waiting ?? 0,
    ...describeTriggers(info),
  }));
  const rpc = rpcPort === undefined ? {} : { rpcPort };
  const place = directory === undefined ? {} : { directory };
  return { service: table?.service ?? null, ...place, connected, ...rpc, functions };
}
