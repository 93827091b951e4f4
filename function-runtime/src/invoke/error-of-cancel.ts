import { BottleError, Code } from '@bottle/protos';

/** What an invocation fails with whose answer is no longer wanted, and a request body that breaks off. */
export function errorOfCancel(reason: string): BottleError {
  if (reason === 'deadline') return new BottleError(Code.DEADLINE_EXCEEDED, 'deadline', 'the deadline has passed');
  if (reason === 'client-closed') return new BottleError(Code.CANCELLED, 'client-left', 'the client has left');
  return new BottleError(Code.CANCELLED, 'cancelled', `the answer is no longer wanted: ${reason}`);
}
