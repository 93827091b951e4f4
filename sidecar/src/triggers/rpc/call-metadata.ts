import { Metadata } from '@grpc/grpc-js';
import { REQUEST_ID } from '../../invocation-ids.ts';
import type { RpcRoute } from './rpc-calls.ts';

/** Entries that belong to gRPC, HTTP/2 and the connection. */
const RESERVED =
  /^(:.*|grpc-.*|connection|content-type|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/;

/**
 * What a function learns of a call, alternating name and value: service, method, peer, and "metadata.<name>" for each
 * entry, repeats kept, values of names that end in -bin as base64.
 */
export function attributesOf(
  { service, method }: Pick<RpcRoute, 'service' | 'method'>,
  peer: string,
  metadata: Metadata,
): string[] {
  const attributes = ['service', service, 'method', method, 'peer', peer];
  for (const name in metadata.getMap()) {
    if (RESERVED.test(name)) continue;
    for (const value of metadata.get(name)) {
      attributes.push(`metadata.${name}`, typeof value === 'string' ? value : value.toString('base64'));
    }
  }
  return attributes;
}

/** The first value of an entry; undefined when there is none. */
export function textOf(metadata: Metadata, name: string): string | undefined {
  const [value] = metadata.get(name);
  return typeof value === 'string' ? value : undefined;
}

/** What follows an answer, good or bad: what the function sets, and the call's id unless that has one of its own. */
export function trailerOf(entries: readonly string[], id: string): Metadata {
  const trailer = metadataOf(entries);
  if (trailer.get(REQUEST_ID).length === 0) trailer.set(REQUEST_ID, id);
  return trailer;
}

/** Metadata of alternating names and values, as a function sends it. */
export function metadataOf(entries: readonly string[]): Metadata {
  const metadata = new Metadata();
  for (let at = 0; at < entries.length; at += 2) {
    const [name = '', value = ''] = [entries[at], entries[at + 1]];
    metadata.add(name, name.endsWith('-bin') ? Buffer.from(value, 'base64') : value);
  }
  return metadata;
}
