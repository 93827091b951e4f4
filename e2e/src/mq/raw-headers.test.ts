import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type ArrivedMessage, openKafkaReader, type ReadTopic, readQueueFile } from '../contracts/mq-readers.ts';
import { TestPod, waitFor } from '../harness/pod.ts';

const brokers = inject('kafkaBrokers');
const BYTES = Buffer.from([0, 255, 0xc3, 0x28]);
const SENT = [
  ['content-type', 'text/plain; charset=utf-8'],
  ['kind', 'a'],
  ['kind', 'ü'],
  ['bytes', BYTES],
  ['none', null],
];
const DEAD = 'raw.raw-headers.forward.dead';
const topicPrefix = `raw-${process.pid}-${Date.now().toString(36)}.`;

describe.each(['the embedded queue', ...(brokers === undefined ? [] : ['Kafka'])])(
  'headers that are no text: %s',
  (title) => {
    const directory = mkdtempSync(join(tmpdir(), 'bottle-raw-'));
    const file = join(directory, 'queue.sqlite');
    let read: ReadTopic = async (topic) => readQueueFile(file, topic);
    let close = async (): Promise<void> => {};
    let pod: TestPod;
    beforeAll(async () => {
      let queue: object = { driver: 'embedded', file };
      if (title === 'Kafka') {
        queue = { driver: 'kafka', brokers: brokers?.split(','), topicPrefix };
        const reader = await openKafkaReader(brokers ?? '');
        for (const topic of ['raw', 'copy', DEAD]) await reader.createTopic(topicPrefix + topic, 1);
        read = (topic) => reader.read(topicPrefix + topic);
        ({ close } = reader);
      }
      const config = join(directory, 'sidecar.yml');
      writeFileSync(config, JSON.stringify({ resources: { mq: { queue } } }));
      pod = await TestPod.start({ project: 'raw-headers', sidecarArgs: ['--config', config] });
    });
    afterAll(async () => {
      await pod?.end();
      await close();
      rmSync(directory, { recursive: true, force: true });
    });

    const send = (value: string): Promise<Response> => fetch(`${pod.url}/send/${value}`, { method: 'POST' });
    const until = async (topic: string, count: number): Promise<ArrivedMessage[]> => {
      await waitFor(async () => (await read(topic)).length >= count, 20_000);
      return await read(topic);
    };
    const own = ({ headers }: ArrivedMessage): unknown[] =>
      headers.filter(([name]) => !/^(traceparent|baggage|bottle-)/.test(name));

    it('reach the function and go on from it as they were; its texts are those that are text', async () => {
      expect((await send('good')).status).toBe(204);
      const [copy] = await until('copy', 1);
      expect(own(copy as ArrivedMessage)).toEqual(SENT);
      expect(JSON.parse(String(copy?.value))).toEqual({ kind: ['a', 'ü'], others: ['content-type'] });
    });
    it('are kept by dead letters, shown, and sent again', async () => {
      expect((await send('dead')).status).toBe(204);
      const [letter] = await until(DEAD, 1);
      expect(own(letter as ArrivedMessage)).toEqual(SENT);
      const { letters } = (await (await pod.admin(`/dead-letters/${DEAD}`)).json()) as {
        letters: { headers: object }[];
      };
      expect(letters[0]?.headers).toMatchObject({ bytes: `base64:${BYTES.toString('base64')}`, none: null });
      await pod.admin(`/dead-letters/${DEAD}/retry`, { method: 'POST', body: '{"all":true}' });
      const again = await until('raw', 3);
      expect(own(again.at(-1) as ArrivedMessage)).toEqual(SENT);
    });
  },
);
