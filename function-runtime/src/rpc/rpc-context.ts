import type { ProtoMethod } from '@bottle/protos/proto-files';
import { type FaaSRpcContext, metadataOf, type ReceivedMetadata, type RpcCallInfo, type RpcValues } from 'bottle-sdk';
import { BaseContext, type ContextHost } from '../invoke/base-context.ts';
import { entriesOf } from './reply-entries.ts';
import { LateItems } from './rpc-result.ts';

const METADATA_PREFIX = 'metadata.';

/** The context of a gRPC method's invocation. */
export class RpcContext extends BaseContext implements FaaSRpcContext {
  readonly method$: ProtoMethod;
  readonly #begun = Promise.withResolvers<void>();
  #rpc: RpcCall | undefined;

  constructor(host: ContextHost, method: ProtoMethod) {
    super(host);
    this.method$ = method;
  }

  get rpc(): RpcCallInfo {
    this.#rpc ??= new RpcCall(this.host$, this.#begun.resolve);
    return this.#rpc;
  }

  /** What the function has returned, or a promise of it as soon as it has sent the head of its response. */
  resultOf$(returned: Promise<unknown>): Promise<unknown> {
    if (!this.method$.responseStream) return returned;
    return Promise.race([returned, this.#begun.promise.then(() => new LateItems(returned))]);
  }
}

class RpcCall implements RpcCallInfo {
  readonly #host: ContextHost;
  readonly #begin: () => void;
  #metadata: ReceivedMetadata | undefined;

  constructor(host: ContextHost, begin: () => void) {
    this.#host = host;
    this.#begin = begin;
  }

  get service(): string {
    return attributeOf(this.#host.request.attributes, 'service');
  }
  get method(): string {
    return attributeOf(this.#host.request.attributes, 'method');
  }
  get peer(): string {
    return attributeOf(this.#host.request.attributes, 'peer');
  }
  get metadata(): ReceivedMetadata {
    this.#metadata ??= metadataOf(metadataEntries(this.#host.request.attributes));
    return this.#metadata;
  }

  get(name: string): string {
    return (this.metadata.get(name.toLowerCase()) ?? []).map(String).join(', ');
  }
  setMetadata(name: string, values: RpcValues): void {
    this.#host.reply.metadata.set(name.toLowerCase(), entriesOf(name, values));
  }
  setTrailer(name: string, values: RpcValues): void {
    this.#host.reply.trailer.set(name.toLowerCase(), entriesOf(name, values));
  }
  sendMetadata(): void {
    this.#begin();
  }
}

/** The value of an attribute; '' when there is none. */
export function attributeOf(attributes: readonly string[], wanted: string): string {
  for (let at = 0; at < attributes.length; at += 2) if (attributes[at] === wanted) return attributes[at + 1] ?? '';
  return '';
}

function metadataEntries(attributes: readonly string[]): string[] {
  return attributes.flatMap((name, at) =>
    at % 2 === 0 && name.startsWith(METADATA_PREFIX)
      ? [name.slice(METADATA_PREFIX.length), attributes[at + 1] ?? '']
      : [],
  );
}
