import { BottleError, Code } from '@bottle/protos';
import type { HttpAnswerMessage, ProtocolRequest } from '../../layer.ts';
import { matches } from './event-filter.ts';

/**
 * Says whether events may be sent here (HTTP 1.1 Web Hooks for Event Delivery, section 4). A request without an origin only
 * asks for the methods. Throws PERMISSION_DENIED for an origin that may not send; "*" in `allowed` stands for anything.
 */
export function answerHandshake(request: ProtocolRequest, allowed: readonly string[]): HttpAnswerMessage {
  const origin = request.header('webhook-request-origin');
  const headers = ['allow', 'OPTIONS, POST'];
  if (origin === undefined) return { status: 204, headers, body: Buffer.alloc(0) };
  if (!allowed.some((pattern) => matches(pattern, origin))) {
    const message = `${origin} may not send events: it is not in cloudevents.allowedOrigins`;
    throw new BottleError(Code.PERMISSION_DENIED, 'origin-denied', message);
  }
  headers.push('webhook-allowed-origin', allowed.includes('*') ? '*' : origin);
  if (request.header('webhook-request-rate') !== undefined) headers.push('webhook-allowed-rate', '*');
  return { status: 200, headers, body: Buffer.alloc(0) };
}
