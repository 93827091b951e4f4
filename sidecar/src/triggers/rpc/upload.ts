import type { Readable } from 'node:stream';
import { frameMessage, receivedMessages } from '@bottle/protos';
import { errorOfCancel, type UnreadBody } from '../../layer.ts';

/**
 * How long the end of a client's messages waits for a cancel, in milliseconds: clients on Node.js that cancel send their end
 * first, and the reset right behind it.
 */
const GRACE_MS = 15;

/**
 * The messages of a client that sends several, as they come. It is slowed when nobody reads them. Ends with the client's
 * last message; throws CANCELLED when the client leaves first.
 */
export function uploadOf(call: Readable): UnreadBody {
  return { read: () => ({ kind: 'stream', stream: framesOf(call) }), abandon: () => {} };
}

async function* framesOf(call: Readable): AsyncGenerator<Uint8Array> {
  const lost = (): Error => errorOfCancel('client-closed');
  for await (const message of receivedMessages<Buffer>(call, { lost, graceMs: GRACE_MS })) yield frameMessage(message);
}
