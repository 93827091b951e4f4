import type { FaaSGatewayContext } from 'bottle-sdk';
import { BaseContext } from './base-context.ts';

type GatewayInfo = FaaSGatewayContext['gateway'];

/** The context of a request of the signed gateway. */
export class GatewayContext extends BaseContext implements FaaSGatewayContext {
  #gateway: GatewayInfo | undefined;

  get gateway(): GatewayInfo {
    this.#gateway ??= infoOf(this.attributes);
    return this.#gateway;
  }
}

function infoOf({ api = '', version = '', appKey = '', device = '', session }: Readonly<Record<string, string>>) {
  const parsed = session === undefined ? undefined : (JSON.parse(session) as GatewayInfo['session']);
  return Object.freeze({ api, version, appKey, device, session: parsed });
}
