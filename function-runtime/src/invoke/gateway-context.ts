import { Readable } from 'node:stream';
import type { FaaSGatewayContext, FormRequest } from 'bottle-sdk';
import { formRequest } from 'bottle-sdk/http-results';
import { BaseContext } from './base-context.ts';

type GatewayInfo = FaaSGatewayContext['gateway'];

/** The context of a request of the signed gateway. */
export class GatewayContext extends BaseContext implements FaaSGatewayContext {
  #gateway: GatewayInfo | undefined;
  #request: FormRequest | undefined;

  get request(): FormRequest {
    this.#request ??= formRequest(() => {
      const { request, signal, temporaryFiles: store } = this.host$;
      return { contentType: request.contentType, source: () => Readable.from([request.body]), signal, store };
    });
    return this.#request;
  }
  get gateway(): GatewayInfo {
    this.#gateway ??= infoOf(this.attributes);
    return this.#gateway;
  }
}

function infoOf({ api = '', version = '', appKey = '', device = '', session }: Readonly<Record<string, string>>) {
  const parsed = session === undefined ? undefined : (JSON.parse(session) as GatewayInfo['session']);
  return Object.freeze({ api, version, appKey, device, session: parsed });
}
