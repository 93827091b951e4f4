import type { HttpHead, UnreadBody } from '../../layer.ts';
import { DecodedBody } from './decoded-body.ts';

/** Fields that describe the bytes as they were sent. */
const OF_THE_CODED_BYTES = new Set([
  'content-encoding',
  'content-length',
  'content-md5',
  'content-digest',
  'digest',
  'repr-digest',
]);

/** A request as its function sees it: the body without its compression, and no field that speaks of the compressed one. */
export function decodeRequest(
  http: HttpHead,
  wire: UnreadBody,
  { contentEncoding, maxRatio }: { contentEncoding: string; maxRatio: number },
): { http: HttpHead; body: UnreadBody } {
  if (contentEncoding.trim().toLowerCase() === 'identity') return { http, body: wire };
  const headers = http.headers.filter((_item, at) => !OF_THE_CODED_BYTES.has(http.headers[at - (at % 2)] ?? ''));
  return { http: { ...http, headers }, body: new DecodedBody({ wire, contentEncoding, maxRatio }) };
}
