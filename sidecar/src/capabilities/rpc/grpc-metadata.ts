import type { CallContext } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import { Metadata } from '@grpc/grpc-js';

/** Entries that belong to gRPC and HTTP/2. */
const RESERVED = /^(:.*|grpc-.*|connection|content-type|host|te|transfer-encoding|upgrade|user-agent)$/;

/**
 * What a call carries: the function's entries, the trace and the baggage of the call, and over all the operator's.
 * Values of names that end in -bin are base64. Throws INVALID_ARGUMENT for what cannot be metadata.
 */
export function toMetadata(
  entries: readonly string[],
  { traceparent, baggage }: CallContext,
  injected: Readonly<Record<string, string>> = {},
): Metadata {
  const metadata = new Metadata();
  try {
    for (let at = 0; at < entries.length; at += 2) {
      const name = (entries[at] ?? '').toLowerCase();
      if (!RESERVED.test(name)) metadata.add(name, valueOf(name, entries[at + 1] ?? ''));
    }
    if (traceparent !== '' && metadata.get('traceparent').length === 0) metadata.set('traceparent', traceparent);
    if (baggage !== '' && metadata.get('baggage').length === 0) metadata.set('baggage', baggage);
    for (const [name, value] of Object.entries(injected)) metadata.set(name, valueOf(name.toLowerCase(), value));
  } catch (error) {
    throw new BottleError(Code.INVALID_ARGUMENT, 'bad-metadata', (error as Error).message);
  }
  return metadata;
}

/** Alternating name and value, without what belongs to gRPC and HTTP/2. */
export function fromMetadata(metadata: Metadata | undefined): string[] {
  const names = Object.keys(metadata?.getMap() ?? {}).filter((name) => !RESERVED.test(name));
  return names.flatMap((name) => (metadata?.get(name) ?? []).flatMap((value) => [name, textOf(value)]));
}

function valueOf(name: string, text: string): string | Buffer {
  return name.endsWith('-bin') ? Buffer.from(text, 'base64') : text;
}

function textOf(value: string | Buffer): string {
  return typeof value === 'string' ? value : value.toString('base64');
}
