import { BottleError, Code } from '@bottle/protos';
import type { ProtocolRequest } from '../../layer.ts';
import type { SignedParts } from './signature.ts';

/** A request of the gateway before anything of it has been believed. */
export interface SignedRequest {
  parts: SignedParts;
  signature: string;
}

/** Which API a request names: "/gw/shop.cart.add/1.0" → ["shop.cart.add", "1.0"]; empty texts where it does not. */
export function apiOf(url: string, prefix: string): { api: string; version: string } {
  const [path = ''] = url.slice(prefix.length + 1).split('?');
  const [api = '', version = '', ...rest] = path.split('/');
  return rest.length === 0 && NAME.test(api) && VERSION.test(version) ? { api, version } : { api: '', version: '' };
}

const NAME = /^[a-z][\w-]*(\.[a-z][\w-]*)*$/i;
const VERSION = /^\d+(\.\d+)*$/;

/** Header, what it may be, and whether it may be missing. */
const HEADERS = {
  appKey: ['x-bottle-app', /^[\w.-]{1,128}$/, 'the key of an app', 'required'],
  timestamp: ['x-bottle-timestamp', /^\d{1,15}$/, 'milliseconds since 1970', 'required'],
  nonce: ['x-bottle-nonce', /^[\w-]{16,128}$/, '16 to 128 letters, digits, "_" or "-"', 'required'],
  signature: ['x-bottle-sign', /^.{1,128}$/, '64 hex digits', 'required'],
  device: ['x-bottle-device', /^[\x21-\x7e]{1,256}$/, 'up to 256 printable ASCII characters', 'optional'],
  session: ['x-bottle-session', /^[\x21-\x7e]{1,1024}$/, 'up to 1024 printable ASCII characters', 'optional'],
} as const;

type Field = keyof typeof HEADERS;

/** Reads what a request says of itself. Throws INVALID_ARGUMENT with every header that is missing or malformed. */
export function readSignedRequest(request: ProtocolRequest, prefix: string): SignedRequest {
  const { method, url } = request.http;
  const { api, version } = apiOf(url, prefix);
  if (api === '') {
    const message = `the path is ${prefix}/<api>/<version>, such as ${prefix}/shop.cart.add/1.0`;
    throw new BottleError(Code.NOT_FOUND, 'unknown-api', message);
  }
  if (method !== 'POST') {
    const options = { httpStatus: 405, details: { allow: ['POST'] } };
    throw new BottleError(Code.UNIMPLEMENTED, 'method-not-allowed', 'APIs are called by POST', options);
  }
  const complaints: string[] = [];
  const read = (field: Field): string => {
    const [header, pattern, expected, presence] = HEADERS[field];
    const value = request.header(header) ?? '';
    if (value === '' && presence === 'required') complaints.push(`${header} is missing: ${expected}`);
    else if (value !== '' && !pattern.test(value)) complaints.push(`${header} must be ${expected}`);
    return value;
  };
  const parts: SignedParts = {
    method,
    api,
    version,
    appKey: read('appKey'),
    timestamp: read('timestamp'),
    nonce: read('nonce'),
    device: read('device'),
    session: read('session'),
  };
  const signature = read('signature');
  if (complaints.length > 0) {
    throw new BottleError(Code.INVALID_ARGUMENT, 'bad-signed-request', complaints.join('; '), {
      details: { complaints },
    });
  }
  return { parts, signature };
}
