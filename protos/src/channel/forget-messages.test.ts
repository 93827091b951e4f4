import { StreamDecoder } from '@grpc/grpc-js/build/src/stream-decoder.js';
import { expect, it } from 'vitest';
import { forgetReadMessages } from './forget-messages.ts';

function framed(...texts: string[]): Buffer {
  return Buffer.concat(
    texts.map((text) => {
      const head = Buffer.alloc(5);
      head.writeUInt32BE(text.length, 1);
      return Buffer.concat([head, Buffer.from(text)]);
    }),
  );
}

it('keeps nothing of a read when all of its messages are handed on, and what is needed of a part', () => {
  forgetReadMessages();
  forgetReadMessages();
  const decoder = new StreamDecoder(1_000);
  const held = (read: Buffer): boolean =>
    Object.values(decoder)
      .flat()
      .some((value) => value instanceof Buffer && value.buffer === read.buffer);
  const whole = Buffer.from(new Uint8Array(framed('one', 'two')));
  expect(decoder.write(whole).map(String)).toEqual([framed('one'), framed('two')].map(String));
  expect(held(whole)).toBe(false);
  const bytes = framed('three');
  for (let at = 0; at < bytes.length; at++) {
    const messages = decoder.write(Buffer.from(bytes.subarray(at, at + 1)));
    expect(messages.map(String)).toEqual(at === bytes.length - 1 ? [String(bytes)] : []);
  }
});
