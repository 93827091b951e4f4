import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { HttpHead } from '../layer.ts';
import type { HeaderNames } from './http-headers.ts';

/**
 * The head of an HTTP/2 request as one of HTTP/1.1 looks: no pseudo-headers, the authority as `host`, and one `cookie`
 * (clients may send it in pieces: RFC 9113, 8.2.3).
 */
export function headOf(request: IncomingMessage, names: HeaderNames): HttpHead {
  const { headers, stream } = request as unknown as Http2ServerRequest;
  const authority = headers[':authority'] ?? headers.host ?? '';
  const cookie = headers.cookie;
  const fields = names.ofRequest(request);
  const forwarded: string[] = authority === '' ? [] : ['host', authority];
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] ?? '';
    if (name !== 'host' && name !== 'cookie') forwarded.push(name, fields[index + 1] ?? '');
  }
  if (cookie !== undefined) forwarded.push('cookie', cookie);
  return {
    method: headers[':method'] ?? '',
    url: headers[':path'] ?? '/',
    headers: forwarded,
    contentType: headers['content-type'] ?? '',
    host: authority,
    remoteAddress: stream.session?.socket.remoteAddress ?? '',
  };
}

/** Whether anything follows the head. */
export function hasBodyOf(request: IncomingMessage): boolean {
  return !(request as unknown as Http2ServerRequest).stream.endAfterHeaders;
}
