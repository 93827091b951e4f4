import type { RpcValues } from 'bottle-sdk';

/** What a function adds to a gRPC response, by name: alternating name and value each. Bytes are base64. */
export interface ReplyEntries {
  readonly metadata: Map<string, string[]>;
  readonly trailer: Map<string, string[]>;
}

const NAME = /^[0-9a-z_.-]+$/;
const TEXT = /^[ -~]*$/;
/** Entries that belong to gRPC and HTTP/2. */
const RESERVED =
  /^(grpc-.*|connection|content-length|content-type|host|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/;

/** Alternating name and value. Throws TypeError for what cannot be metadata. */
export function entriesOf(givenName: string, values: RpcValues): string[] {
  const name = givenName.toLowerCase();
  if (!NAME.test(name)) throw new TypeError(`"${givenName}" cannot be a name of metadata`);
  if (RESERVED.test(name)) throw new TypeError(`"${name}" belongs to gRPC: a function cannot set it`);
  const list = typeof values === 'string' || values instanceof Uint8Array ? [values] : values;
  return list.flatMap((value) => [name, textOf(name, value)]);
}

function textOf(name: string, value: string | Uint8Array): string {
  if (name.endsWith('-bin')) return Buffer.from(value).toString('base64');
  if (typeof value === 'string' && TEXT.test(value)) return value;
  throw new TypeError(`${name} must be ASCII text; entries whose names end in -bin are bytes`);
}
