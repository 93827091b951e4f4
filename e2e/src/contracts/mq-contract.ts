import { BottleError, type MqClient } from 'bottle-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReadTopic } from './mq-readers.ts';
import type { ContractTarget } from './target.ts';

const MIB = 1024 * 1024;

export interface MqTarget extends ContractTarget {
  /** Of the resource "contract". */
  read: ReadTopic;
  /** Makes a topic with four partitions, where that does not happen by itself. */
  createTopic(topic: string): Promise<void>;
}

export interface MqContractOptions {
  /** Largest message that the driver takes. */
  maxBytes: number;
  /** Whether messages can be delayed. */
  delays: boolean;
}

/** What every message queue's driver does, seen through the SDK. */
export function describeMqContract(
  title: string,
  open: () => Promise<MqTarget>,
  { maxBytes, delays }: MqContractOptions,
): void {
  describe(`mq contract: ${title}`, () => {
    let target: MqTarget;
    let mq: MqClient;
    let unique = 0;
    const fresh = async (): Promise<string> => {
      const topic = `contract.${process.pid}-${Date.now().toString(36)}_${(unique += 1)}`;
      await target.createTopic(topic);
      return topic;
    };
    beforeAll(async () => {
      target = await open();
      mq = target.bottle.mq('contract');
    });
    afterAll(() => target?.close());

    describe('a message', () => {
      it('arrives where its receipt says, with key, value, headers and timestamp', async () => {
        const topic = await fresh();
        const timestamp = new Date('2001-09-09T01:46:39.999Z');
        const headers = { kind: 'order', note: ['a', 'b'], bytes: Buffer.from('ü') };
        const receipt = await mq.publish(topic, { id: 7 }, { key: 'k', headers, timestamp });
        const [message, ...others] = await target.read(topic);
        expect(others).toEqual([]);
        expect(message).toMatchObject({ ...receipt, timestampMs: timestamp.getTime() });
        expect(message?.key?.toString()).toBe('k');
        expect(message?.value?.toString()).toBe('{"id":7}');
        expect(message?.headers).toEqual([
          ['content-type', 'application/json'],
          ['kind', 'order'],
          ['note', 'a'],
          ['note', 'b'],
          ['bytes', 'ü'],
        ]);
      });
      it('says what it is: JSON, text, bytes, what the caller says, or nothing for a tombstone', async () => {
        const topic = await fresh();
        const values = [{ a: 1 }, 'text', Buffer.from([0, 255]), null];
        for (const value of values) await mq.publish(topic, value, { partition: 0, key: 'k' });
        await mq.publish(topic, '<a/>', { partition: 0, headers: { 'Content-Type': 'text/xml' } });
        const arrived = await target.read(topic);
        expect(arrived.map(({ value }) => value)).toEqual([
          Buffer.from('{"a":1}'),
          Buffer.from('text'),
          Buffer.from([0, 255]),
          undefined,
          Buffer.from('<a/>'),
        ]);
        expect(arrived.map(({ headers }) => headers.map(([, type]) => type))).toEqual([
          ['application/json'],
          ['text/plain; charset=utf-8'],
          ['application/octet-stream'],
          [],
          ['text/xml'],
        ]);
      });
      it('keeps every byte of its headers, and those without a value, by name or as pairs in order', async () => {
        const topic = await fresh();
        const bytes = Buffer.from([0, 255, 0xc3, 0x28]);
        const headers = { bytes, none: null, empty: '', both: [null, bytes, 'text', null] };
        await mq.publish(topic, null, { partition: 0, key: 'k', headers });
        const pairs = [
          { name: 'One', value: bytes },
          { name: 'none', value: null },
        ];
        await mq.publish(topic, null, { partition: 0, key: 'k', headers: pairs });
        expect((await target.read(topic)).map((message) => message.headers)).toEqual([
          [
            ['bytes', bytes],
            ['none', null],
            ['empty', ''],
            ['both', null],
            ['both', bytes],
            ['both', 'text'],
            ['both', null],
          ],
          [
            ['One', bytes],
            ['none', null],
          ],
        ]);
      });
      it('has the time of its publishing unless it is given one', async () => {
        const topic = await fresh();
        const before = Date.now();
        await mq.publish(topic, 'x');
        const [message] = await target.read(topic);
        expect(message?.timestampMs).toBeGreaterThanOrEqual(before);
        expect(message?.timestampMs).toBeLessThanOrEqual(Date.now());
      });
      it('keeps every byte of its value and its key, and every edge of UTF-8', async () => {
        const topic = await fresh();
        const allBytes = Buffer.from(Uint8Array.from({ length: 256 }, (_, byte) => byte));
        await mq.publish(topic, allBytes, { partition: 0, key: allBytes });
        const edges = ['\u0000', '\u007f\u0080', '\u07ff\u0800', '\uffff', '\u{10ffff}', '😀é漢', 'a\r\nb', ''];
        for (const edge of edges) await mq.publish(topic, edge, { partition: 0, key: edge, headers: { edge } });
        const [first, ...rest] = await target.read(topic);
        expect(first?.value).toEqual(allBytes);
        expect(first?.key).toEqual(allBytes);
        expect(rest.map(({ value }) => value?.toString())).toEqual(edges);
        expect(rest.map(({ key }) => key?.toString())).toEqual(edges);
        expect(rest.map(({ headers }) => headers[1]?.[1])).toEqual(edges);
      });
      it('may have no bytes, one, 64 KiB or 16 MiB; what the driver cannot take is refused with its own code', async () => {
        const topic = await fresh();
        const sizes = [0, 1, 64 * 1024, 16 * MIB];
        const refused: unknown[] = [];
        for (const size of sizes)
          await mq
            .publish(topic, Buffer.alloc(size, 'x'), { partition: 1 })
            .catch((error: unknown) => refused.push(error));
        const arrived = (await target.read(topic)).map(({ value }) => value?.length);
        expect(arrived).toEqual(sizes.filter((size) => size <= maxBytes));
        const refusal = { code: 'INVALID_ARGUMENT', details: { driverCode: 'MESSAGE_TOO_LARGE' } };
        expect(refused).toMatchObject(sizes.filter((size) => size > maxBytes).map(() => refusal));
      });
    });

    describe('partitions', () => {
      it('are counted in offsets that grow by one', async () => {
        const topic = await fresh();
        const offsets: bigint[] = [];
        for (let at = 0; at < 5; at++) offsets.push((await mq.publish(topic, at, { partition: 2 })).offset);
        expect(offsets.map((offset) => offset - (offsets[0] ?? 0n))).toEqual([0n, 1n, 2n, 3n, 4n]);
      });
      it('keep the messages of a key together and in order, the same ones as with other clients', async () => {
        const topic = await fresh();
        const keys = ['21', 'foobar', 'a-little-bit-long-string', 'a-little-bit-longer-string'];
        const publishing = Array.from({ length: 10 }, (_, turn) => keys.map((key) => mq.publish(topic, turn, { key })));
        await Promise.all(publishing.flat());
        const arrived = await target.read(topic);
        // UtilsTest.testMurmur2 of the Java client, without the sign, modulo 4.
        const expected = { '21': 0, foobar: 2, 'a-little-bit-long-string': 0, 'a-little-bit-longer-string': 3 };
        for (const key of keys) {
          const ofKey = arrived.filter((message) => message.key?.toString() === key);
          expect(new Set(ofKey.map(({ partition }) => partition))).toEqual(new Set([expected[key as '21']]));
          expect(ofKey.map(({ value }) => Number(value?.toString()))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        }
      });
      it('all get their share of messages without a key', async () => {
        const topic = await fresh();
        const used = new Set<number>();
        for (let at = 0; at < 16; at++) used.add((await mq.publish(topic, at)).partition);
        expect(used).toEqual(new Set([0, 1, 2, 3]));
      });
      it('that do not exist are refused', async () => {
        const topic = await fresh();
        for (const partition of [4, 1_000_000, -1, 0.5])
          await expect(mq.publish(topic, 'x', { partition })).rejects.toMatchObject({
            code: 'OUT_OF_RANGE',
            reason: 'no-partition',
          });
        expect(await target.read(topic)).toEqual([]);
      });
    });

    describe('many messages', () => {
      it('of one call have their receipts in order', async () => {
        const topic = await fresh();
        const messages = Array.from({ length: 500 }, (_, at) => ({ value: at, key: `key-${at % 7}` }));
        const receipts = await mq.publishMany(topic, messages);
        const arrived = await target.read(topic);
        const byPlace = new Map(arrived.map((message) => [`${message.partition}:${message.offset}`, message]));
        expect(
          receipts.map(({ partition, offset }) => byPlace.get(`${partition}:${offset}`)?.value?.toString()),
        ).toEqual(messages.map(({ value }) => String(value)));
      });
      it('of a thousand concurrent calls have exact receipts, each its own', async () => {
        const topic = await fresh();
        const values = Array.from({ length: 1_000 }, (_, at) => `${at}:${'x'.repeat(at % 50)}`);
        const receipts = await Promise.all(values.map((value) => mq.publish(topic, value)));
        const arrived = await target.read(topic);
        expect(arrived).toHaveLength(1_000);
        const byPlace = new Map(arrived.map((message) => [`${message.partition}:${message.offset}`, message]));
        for (const [at, { partition, offset }] of receipts.entries())
          expect(byPlace.get(`${partition}:${offset}`)?.value?.toString()).toBe(values[at]);
      });
      it('may be none', async () => {
        expect(await mq.publishMany(await fresh(), [])).toEqual([]);
      });
    });

    describe('refusals', () => {
      it('of names that are no topics', async () => {
        for (const topic of ['', '.', '..', 'a b', 'a/b', 'ü', 'x'.repeat(250)])
          await expect(mq.publish(topic, 'x')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'bad-topic' });
      });
      it('of what has no JSON form, and of keys and headers that are no bytes, each with its name', async () => {
        const loop: { self?: unknown } = {};
        loop.self = loop;
        for (const value of [undefined, loop, () => 1])
          await expect(mq.publish('t', value)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'not-json' });
        for (const key of [5n, 5, {}])
          await expect(mq.publish('t', 1, { key: key as never })).rejects.toMatchObject({ reason: 'bad-key' });
        for (const value of [5n, 5, {}, undefined, [5n]])
          await expect(mq.publish('t', 1, { headers: { h: value as never } })).rejects.toMatchObject({
            code: 'INVALID_ARGUMENT',
            reason: 'bad-header',
          });
      });
      it('of half a character, in a value, a key or a header', async () => {
        const half = 'x\ud83d';
        const refused = { code: 'INVALID_ARGUMENT', reason: 'malformed-text' };
        await expect(mq.publish('t', half)).rejects.toMatchObject(refused);
        await expect(mq.publish('t', 1, { key: half })).rejects.toMatchObject(refused);
        await expect(mq.publish('t', 1, { headers: { h: half } })).rejects.toMatchObject(refused);
        await expect(mq.publish('t', 1, { headers: null as never })).rejects.toMatchObject({ reason: 'bad-header' });
      });
      it('of nothing that is a number, however large', async () => {
        const topic = await fresh();
        for (const value of [10n, { id: 2n ** 64n }]) await mq.publish(topic, value, { partition: 0 });
        const arrived = (await target.read(topic)).map(({ value }) => value?.toString());
        expect(arrived).toEqual(['10', '{"id":18446744073709551616}']);
      });
      it('say resource, operation and whether to try again', async () => {
        const error = await mq.publish('a b', 'x').catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(BottleError);
        const details = { resource: 'mq.contract', operation: 'publish', retryable: false };
        expect(error).toMatchObject({ details });
      });
      it(`of delays: ${delays ? 'none' : 'all'}`, async () => {
        const topic = await fresh();
        const outcome = await mq.publish(topic, 'x', { delay: '1h' }).catch((error: unknown) => error);
        expect(outcome).toMatchObject(delays ? { offset: 0n } : { code: 'UNIMPLEMENTED', reason: 'no-delay' });
      });
      it('of calls that are given up while they are under way, which others do not notice', async () => {
        const topic = await fresh();
        const controller = new AbortController();
        const given = Array.from({ length: 50 }, (_, at) => mq.publish(topic, at, { signal: controller.signal }));
        const kept = Array.from({ length: 50 }, (_, at) => mq.publish(topic, 100 + at));
        controller.abort();
        const codes = (await Promise.allSettled(given)).map((result) =>
          result.status === 'rejected' ? (result.reason as BottleError).code : 'fulfilled',
        );
        expect(new Set(codes)).toEqual(new Set(['CANCELLED']));
        const receipts = await Promise.all(kept);
        const arrived = (await target.read(topic)).map(({ value }) => Number(value?.toString()));
        expect(arrived).toEqual(expect.arrayContaining(receipts.map((_, at) => 100 + at)));
      });
      it('of calls that were given up before', async () => {
        const topic = await fresh();
        const signal = AbortSignal.abort();
        await expect(mq.publish(topic, 'x', { signal })).rejects.toMatchObject({ code: 'CANCELLED' });
        expect(await target.read(topic)).toEqual([]);
      });
    });
  });
}
