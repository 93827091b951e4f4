import {
  BottleError,
  Code,
  createMessageCodecs,
  DELIVERY_TYPE,
  KnownSecrets,
  type Request__Output,
} from '@bottle/protos';
import type { MqMessage } from 'bottle-sdk';
import { describe, expect, it } from 'vitest';
import type { ReadyFunction } from '../load/function-registry.ts';
import { createMessageFormat } from './message-format.ts';

const codecs = createMessageCodecs();
const format = createMessageFormat();
const target = {} as ReadyFunction;

interface Outgoing {
  value?: Buffer | undefined;
  type?: string;
  headers?: [string, string][];
}

function requestOf(contentType: string, messages: readonly Outgoing[]): Request__Output {
  const body = codecs.encodeDelivery({
    topic: 'orders',
    messages: messages.map(({ value, type, headers = [] }, at) => ({
      record: {
        partition: 2,
        offset: BigInt(at),
        key: Buffer.from('kü'),
        value,
        headers: [...headers, ...(type === undefined ? [] : ([['Content-Type', type]] as [string, string][]))].map(
          ([name, text]) => ({ name, value: Buffer.from(text) }),
        ),
        timestampMs: 1_000,
      },
      attempt: 3,
    })),
  });
  return { contentType, body } as Request__Output;
}
const one = (message: Outgoing): MqMessage =>
  format.decode(requestOf(DELIVERY_TYPE.one, [message]), target) as MqMessage;
const many = (...messages: Outgoing[]): MqMessage[] =>
  format.decode(requestOf(DELIVERY_TYPE.list, messages), target) as MqMessage[];
const known = new KnownSecrets();
known.add(Buffer.from('k-1234'));
const origin = { request: {} as Request__Output, masked: (error: BottleError) => known.maskError(error) };
const failuresOf = (event: unknown): string[] =>
  codecs
    .decodeFailures(format.encode?.('ignored', event, origin).bytes ?? Buffer.alloc(0))
    .map(({ index, error }) => `${index} ${error?.reason}: ${error?.message}`);

describe('a message', () => {
  it('has its value as its content type says, JSON without one', () => {
    expect(one({ value: Buffer.from('{"a":1}') }).value).toEqual({ a: 1 });
    expect(one({ value: Buffer.from('{"a":1}'), type: 'application/json; charset=utf-8' }).value).toEqual({ a: 1 });
    expect(one({ value: Buffer.from('ü'), type: 'text/plain' }).value).toBe('ü');
    expect(one({ value: Buffer.from([0, 255]), type: 'application/octet-stream' }).value).toEqual(
      Buffer.from([0, 255]),
    );
    expect(one({ value: undefined }).value).toBeNull();
    expect(() => one({ value: Buffer.from('{') })).toThrow(expect.objectContaining({ reason: 'invalid-json' }));
  });
  it('says where it was, who it belongs to, and which try it is', () => {
    const message = one({
      value: Buffer.from('1'),
      headers: [
        ['A', 'x'],
        ['b', 'y'],
        ['a', 'z'],
      ],
    });
    expect(message).toMatchObject({ topic: 'orders', partition: 2, offset: 0n, key: 'kü', attempt: 3 });
    expect(message.headers).toEqual({ a: ['x', 'z'], b: 'y' });
    expect(message.timestamp).toEqual(new Date(1_000));
    expect(message.bytes?.toString()).toBe('1');
  });
  it('fails by itself when the function says so', () => {
    const message = one({ value: Buffer.from('1') });
    message.fail(new Error('not today'));
    expect(() => format.encode?.(undefined, message, origin)).toThrow('not today');
  });
});

describe('a list of messages', () => {
  it('leaves out what cannot be read, and names it as failed', () => {
    const messages = many({ value: Buffer.from('1') }, { value: Buffer.from('{') }, { value: Buffer.from('3') });
    expect(messages.map(({ value }) => value)).toEqual([1, 3]);
    expect(failuresOf(messages)).toEqual([expect.stringContaining('1 invalid-json')]);
    expect(format.isOver?.(messages)).toBe(false);
    expect(format.isOver?.(many({ value: Buffer.from('{') }))).toBe(true);
  });
  it('names those that the function marked, whatever it did to its list', () => {
    const messages = many(...['1', '2', '3', '4'].map((text) => ({ value: Buffer.from(text) })));
    const [first, , third, fourth] = messages;
    first?.fail(new BottleError(Code.FAILED_PRECONDITION, 'drop-message', 'no use'));
    third?.fail('text with k-1234');
    fourth?.fail();
    messages.splice(0, 4);
    expect(failuresOf(messages)).toEqual([
      '0 drop-message: no use',
      '2 function-error: text with ***',
      '3 function-error: the function marked the message as failed',
    ]);
  });
  it('is a plain list to whoever maps it', () => {
    expect(many({ value: Buffer.from('1') }).map(() => 1).constructor).toBe(Array);
  });
});
