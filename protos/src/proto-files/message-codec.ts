import type protobuf from 'protobufjs';
import { LOADER_OPTIONS } from '../load.ts';
import { messageCheck } from './message-check.ts';

/** Encodes and decodes one message type as plain data, which looks as the platform's own messages do. */
export interface MessageCodec {
  /** Throws for bytes that are no such message. */
  decode(bytes: Uint8Array): object;
  /** Throws TypeError, saying which field, for what the message cannot hold. */
  encode(message: unknown): Uint8Array;
}

export function messageCodec(type: protobuf.Type): MessageCodec {
  const check = messageCheck(type, new Map());
  return {
    decode: (bytes) => type.toObject(type.decode(bytes), LOADER_OPTIONS),
    encode(message) {
      const checked = check(message, type.name, 0) as { [key: string]: unknown };
      return type.encode(type.fromObject(checked)).finish();
    },
  };
}
