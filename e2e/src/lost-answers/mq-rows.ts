import type { OutgoingMessage, Receipt } from 'bottle-sdk';
import { TOPIC } from './losing-kafka.ts';
import { type Row, toldOf } from './row.ts';

function publishRow(
  operation: string,
  { resource = 'lossy', told, truth }: { resource?: string; told: string; truth: number },
  messages: (key: string) => OutgoingMessage[],
): Row {
  return {
    capability: 'mq',
    operation,
    told,
    truth,
    async run({ bottle, lose, published }, key) {
      const mq = bottle.mq(resource);
      await mq.publishMany(
        TOPIC,
        [0, 1, 2].map((partition) => ({ value: 'a connection that stands', partition })),
      );
      lose(key);
      const said = await toldOf(async () => receiptsOf(await mq.publishMany(TOPIC, messages(key))));
      return { told: said, truth: (await published()).filter((value) => value.startsWith(key)).length };
    },
  };
}

const receiptsOf = (receipts: readonly Receipt[]): string => `${receipts.length} receipts`;

/** The producer is idempotent: what it sends again the broker knows by its number. */
export const MQ_ROWS: readonly Row[] = [
  publishRow('publish', { told: 'answered "1 receipts"', truth: 1 }, (key) => [{ value: key, partition: 1 }]),
  publishRow('publish many, to one partition', { told: 'answered "40 receipts"', truth: 40 }, (key) =>
    Array.from({ length: 40 }, (_, at) => ({ value: `${key}-${at}`, partition: 1 })),
  ),
  publishRow('publish many, to all partitions', { told: 'answered "40 receipts"', truth: 40 }, (key) =>
    Array.from({ length: 40 }, (_, at) => ({ value: `${key}-${at}`, partition: at % 3 })),
  ),
  publishRow('publish, not idempotent', { resource: 'plain', told: 'unknown (outcome-unknown)', truth: 1 }, (key) => [
    { value: key, partition: 1 },
  ]),
];
