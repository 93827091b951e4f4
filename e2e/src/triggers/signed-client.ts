// A client of the signed gateway, written from docs/triggers.md alone: nothing of the platform is in it.
import { createHash, createHmac, randomUUID } from 'node:crypto';

export const APP = 'test-app';
export const SECRET = 'a secret that is long enough';

export interface SignedCall {
  api?: string;
  version?: string;
  body?: string;
  app?: string;
  secret?: string;
  timestamp?: number | string;
  nonce?: string;
  device?: string;
  session?: string;
}

/** What is sent, before anybody tampers with it. */
export interface PreparedCall {
  path: string;
  method: string;
  headers: Record<string, string>;
  body: string;
}

interface Envelope {
  api: string;
  v: string;
  ret: { code: string; message: string; details?: Record<string, unknown> };
  data: unknown;
  requestId: string;
  serverTime: number;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (text: string, secret: string): string => createHmac('sha256', secret).update(text).digest('hex');

export function prepare(call: SignedCall = {}): PreparedCall {
  const { api = 'test.echo', version = '1.0', body = '{}', app = APP, secret = SECRET } = call;
  const { timestamp = Date.now(), nonce = randomUUID(), device = '', session = '' } = call;
  const lines = ['POST', api, version, app, String(timestamp), nonce, device, session, sha256(body)];
  return {
    path: `/gw/${api}/${version}`,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-bottle-app': app,
      'x-bottle-timestamp': String(timestamp),
      'x-bottle-nonce': nonce,
      'x-bottle-sign': hmac(lines.join('\n'), secret),
      ...(device === '' ? {} : { 'x-bottle-device': device }),
      ...(session === '' ? {} : { 'x-bottle-session': session }),
    },
    body,
  };
}

/** What came back; `signed`: by the secret, for this request. */
export interface GatewayAnswer extends Envelope {
  status: number;
  headers: Headers;
  signed: boolean;
}

export async function transmit(url: string, { path, method, headers, body }: PreparedCall): Promise<GatewayAnswer> {
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const response = await fetch(url + path, { method, headers, ...(hasBody ? { body } : {}) });
  const text = await response.text();
  const lines = ['RESPONSE', headers['x-bottle-nonce'], String(response.status), sha256(text)];
  const signed = response.headers.get('x-bottle-sign') === hmac(lines.join('\n'), SECRET);
  return { ...(JSON.parse(text) as Envelope), status: response.status, headers: response.headers, signed };
}

export const callSigned = (url: string, call?: SignedCall): Promise<GatewayAnswer> => transmit(url, prepare(call));
