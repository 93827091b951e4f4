import {
  BottleError,
  CallError,
  Code,
  createMessageCodecs,
  DELIVERY_TYPE,
  type MessageCodecs,
  toWireError,
} from '@bottle/protos';
import type { EncodedResult } from './encode-result.ts';
import type { EventFormat } from './event-formats.ts';
import { errorForOperators } from './failed-call.ts';
import { ReceivedMessage } from './received-message.ts';
import { authorsError } from './thrown-error.ts';

const CONTENT_TYPE = 'application/x-protobuf';
const NO_BYTES = Buffer.alloc(0);

/** The messages of a list that could be decoded. */
class Messages extends Array<ReceivedMessage> {
  /** The same, whatever the function does to its list. */
  readonly received: ReceivedMessage[] = [];
  /** Why the others could not be decoded, by their place in the delivery. */
  readonly undecodable = new Map<number, BottleError>();

  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

/**
 * Messages of a queue: one by itself or a list, as the content type says. A message of a list that cannot be decoded fails
 * by itself, and the function does not see it. The result of the function does not matter; which messages failed does.
 */
export function createMessageFormat(codecs: MessageCodecs = createMessageCodecs()): EventFormat {
  return {
    decode({ body, contentType }) {
      const { topic, messages } = codecs.decodeDelivery(body);
      const list = new Messages();
      for (const [index, message] of messages.entries()) {
        try {
          list.received.push(new ReceivedMessage(topic, message, index));
        } catch (error) {
          if (contentType === DELIVERY_TYPE.one) throw error;
          list.undecodable.set(index, failureOf(error));
        }
      }
      if (contentType === DELIVERY_TYPE.one) return list.received[0];
      list.push(...list.received);
      return list;
    },
    isOver: (event) => event instanceof Messages && event.received.length === 0,
    encode(result, event, { masked }): EncodedResult {
      if (result instanceof Error) throw result;
      if (event instanceof ReceivedMessage && event.failure) throw failureOf(event.failure.error);
      const response = { value: { contentType: CONTENT_TYPE } };
      if (!(event instanceof Messages)) return { response, bytes: NO_BYTES };
      const failures = [...event.undecodable].map(([index, error]) => ({ index, error: toWireError(error) }));
      for (const { index, failure } of event.received) {
        if (failure) failures.push({ index, error: toWireError(masked(failureOf(failure.error))) });
      }
      return { response, bytes: codecs.encodeFailures(failures) };
    },
  };
}

/** What a function said about a message that failed. It is for the dead-letter topic, which only operators read. */
function failureOf(error: unknown): BottleError {
  if (error instanceof CallError) return errorForOperators(error);
  if (error instanceof BottleError) return authorsError(error);
  const message = error instanceof Error ? error.message : textOf(error);
  return new BottleError(Code.INTERNAL, 'function-error', message);
}

function textOf(error: unknown): string {
  return typeof error === 'string' ? error : 'the function marked the message as failed';
}
