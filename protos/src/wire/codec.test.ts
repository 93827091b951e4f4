import type { MessageTypeDefinition } from '@grpc/proto-loader';
import { describe, expect, it } from 'vitest';
import { loadProtos } from '../load.ts';
import { createCodecs } from './codec.ts';

const { definition } = loadProtos();
const codecs = createCodecs(definition);
const reference = <Type>(name: string) =>
  definition[`bottle.v1.${name}`] as unknown as MessageTypeDefinition<Type, Type>;

/** mulberry32: the same messages in every run. */
function randomSource(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
const LENGTHS = [0, 1, 23, 24, 25, 41, 42, 43, 126, 127, 128, 129, 5_461, 16_383, 16_384];
const LETTERS = ['a', 'ü', '€', '𝄞', '\u0000', '\u007f', '\u0080', 'é'];

function randomMessages(seed: number) {
  const random = randomSource(seed);
  const text = (): string => {
    const letter = LETTERS[random(LETTERS.length)] ?? 'a';
    const length = LENGTHS[random(LENGTHS.length)] ?? 0;
    return (random(2) === 0 ? 'a' : letter).repeat(length).concat(random(3) === 0 ? 'ß' : '');
  };
  const texts = () => Array.from({ length: random(5) }, text);
  const bytes = () => Buffer.alloc(LENGTHS[random(LENGTHS.length)] ?? 0, random(256));
  const http = () => ({
    method: text(),
    url: text(),
    params: texts(),
    headers: texts(),
    remoteAddress: text(),
    route: text(),
  });
  const request = () => ({
    target: text(),
    invocationId: text(),
    timeoutMs: random(2 ** 31),
    trigger: (['TRIGGER_KIND_UNSPECIFIED', 'TRIGGER_KIND_HTTP', 'TRIGGER_KIND_EVENT'] as const)[random(3)],
    http: random(2) === 0 ? http() : null,
    contentType: text(),
    traceparent: text(),
    baggage: text(),
    caller: text(),
    attributes: texts(),
    places: random(3),
    body: bytes(),
  });
  const response = () => {
    const [streamed, unfinished] = [random(2) === 0, random(2) === 0];
    const shared = { streamed, unfinished, body: bytes(), metadata: texts(), trailer: texts() };
    const kind = random(3);
    if (kind === 0) return { ...shared, outcome: 'http' as const, http: { status: random(600), headers: texts() } };
    if (kind === 1) return { ...shared, outcome: 'value' as const, value: { contentType: text() } };
    const error = {
      code: random(17),
      reason: text(),
      message: text(),
      detailsJson: text(),
      httpStatus: random(600),
      reportJson: text(),
    };
    return { ...shared, outcome: 'error' as const, error };
  };
  const frame = () => {
    const id = random(2 ** 32);
    const kind = random(10);
    const ids = Array.from({ length: random(200) }, () => random(2 ** 32));
    if (kind === 0) return { id, kind: 'request' as const, request: request() };
    if (kind === 1) return { id, kind: 'response' as const, response: response() };
    if (kind === 2) return { id, kind: 'cancel' as const, cancel: { reason: text(), invocationId: text() } };
    if (kind === 5) return { id: 0, kind: 'started' as const, started: { ids, invocationIds: texts() } };
    if (kind === 6) return { id, kind: 'over' as const, over: { invocationId: text() } };
    if (kind === 9) return { id: 0, kind: 'taken' as const, taken: { invocationId: text(), bytes: random(2 ** 32) } };
    if (kind === 7) return { id: 0, kind: 'count' as const, count: {} };
    if (kind === 8) {
      const targets = [{ target: text(), held: random(9) }];
      return { id: 0, kind: 'counts' as const, counts: { targets } };
    }
    if (kind === 3) return { id: 0, kind: 'goodbye' as const, goodbye: { reason: text() } };
    return { id: 0, kind: 'table' as const, table: { service: text(), functions: [] } };
  };
  return { batch: { frames: Array.from({ length: random(6) }, frame) }, request: request(), response: response() };
}

/** Lazily parsed heads as plain data. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_key, item: unknown) => (isHead(item) ? { ...headOf(item) } : item)));
interface Head {
  method: string;
  url: string;
  params: string[];
  headers: string[];
  remoteAddress: string;
  route: string;
}
const isHead = (item: unknown): item is Head => typeof item === 'object' && item !== null && 'remoteAddress' in item;
const headOf = ({ method, url, params, headers, remoteAddress, route }: Head): Head => ({
  method,
  url,
  params,
  headers,
  remoteAddress,
  route,
});

describe('the fast codecs agree with protobufjs', () => {
  it.each(Array.from({ length: 60 }, (_, seed) => seed))('in both directions, seed %i', (seed) => {
    const messages = randomMessages(seed);
    const cases = [
      { message: messages.batch, ours: codecs.batch, theirs: reference<typeof messages.batch>('Batch') },
      { message: messages.request, ours: codecs.request, theirs: reference<typeof messages.request>('Request') },
      { message: messages.response, ours: codecs.response, theirs: reference<typeof messages.response>('Response') },
    ] as const;
    for (const { message, ours, theirs } of cases) {
      const encoded = (ours.encode as (input: unknown) => Buffer)(message);
      const expected = plain(theirs.deserialize((theirs.serialize as (input: unknown) => Buffer)(message)));
      expect(plain(theirs.deserialize(encoded))).toEqual(expected);
      expect(plain(ours.decode((theirs.serialize as (input: unknown) => Buffer)(message)))).toEqual(expected);
    }
  });
  it('for stream frames, chunks included', () => {
    const theirs = reference<{
      chunk?: Buffer;
      attach?: string;
      end?: boolean;
      marksEnd?: boolean;
      saysTaken?: boolean;
      request?: object;
    }>('StreamFrame');
    for (const length of [1, 127, 128, 65_536, 300_000]) {
      const chunk = Buffer.alloc(length, 7);
      expect(theirs.deserialize(codecs.streamFrame.encode({ chunk })).chunk?.equals(chunk)).toBe(true);
      expect(codecs.streamFrame.decode(theirs.serialize({ chunk })).chunk?.equals(chunk)).toBe(true);
    }
    expect(codecs.streamFrame.decode(theirs.serialize({ attach: 'id' })).attach).toBe('id');
    const head = { request: { target: 'f' }, marksEnd: true, saysTaken: true };
    expect(theirs.deserialize(codecs.streamFrame.encode(head))).toMatchObject(head);
    expect(codecs.streamFrame.decode(theirs.serialize(head))).toMatchObject(head);
    expect(theirs.deserialize(codecs.streamFrame.encode({ end: true }))).toMatchObject({ end: true, marksEnd: false });
    expect(codecs.streamFrame.decode(theirs.serialize({ end: true }))).toMatchObject({ end: true, marksEnd: false });
  });
});

describe('malformed messages', () => {
  it('throw at whatever byte they are cut', () => {
    const whole = codecs.batch.encode({
      frames: [{ id: 7, request: { target: 'f', body: Buffer.from('body'), http: { url: '/' } } }],
    });
    for (let end = 1; end < whole.length; end++)
      expect(() => codecs.batch.decode(whole.subarray(0, end))).toThrow(RangeError);
  });
  it('throw on a varint without end and on a wrong wire type', () => {
    expect(() => codecs.request.decode(Buffer.alloc(20, 0xff))).toThrow(RangeError);
    expect(() => codecs.request.decode(Buffer.from([0x1a, 0x01, 0x61]))).toThrow(RangeError);
  });
  it('may hold fields of a later version, which are passed over', () => {
    const later = Buffer.concat([
      Buffer.from([0xa2, 0x06, 0x02, 0x61, 0x62, 0xa8, 0x06, 0x05]),
      codecs.request.encode({ target: 'f' }),
    ]);
    expect(codecs.request.decode(later).target).toBe('f');
  });
});
