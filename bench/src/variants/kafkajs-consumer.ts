// One plain process that consumes with kafkajs and promises what the platform does: messages of one key one after the
// other, different keys at the same time up to a bound, offsets committed behind finished work ten times a second. In
// batches, kafkajs' own are taken as they come.
import fastify from 'fastify';
import { type EachBatchHandler, Kafka, type KafkaMessage, logLevel } from 'kafkajs';

const [, , port, , brokers = '', topic = '', groupId = '', mode = ''] = process.argv;
const COMMIT_INTERVAL_MS = 100;
const CONCURRENCY = 64;
const state = { count: 0, sum: 0, lastAt: 0 };

function take(value: Buffer | null): void {
  const { n } = JSON.parse(value?.toString() ?? '') as { n: number };
  state.count += 1;
  state.sum += n;
  state.lastAt = performance.now();
}

async function handle({ value }: KafkaMessage): Promise<void> {
  take(value);
}

let running = 0;
const line: (() => void)[] = [];

async function withPlace(work: () => Promise<void>): Promise<void> {
  if (running >= CONCURRENCY) await new Promise<void>((resolve) => line.push(resolve));
  else running += 1;
  try {
    await work();
  } finally {
    const next = line.shift();
    if (next) next();
    else running -= 1;
  }
}

const oneByOne: EachBatchHandler = async ({ batch, resolveOffset, heartbeat, commitOffsetsIfNecessary }) => {
  const byKey = new Map<string, KafkaMessage[]>();
  for (const message of batch.messages) {
    const key = message.key?.toString('latin1') ?? message.offset;
    const others = byKey.get(key);
    if (others) others.push(message);
    else byKey.set(key, [message]);
  }
  await Promise.all(
    [...byKey.values()].map(async (messages) => {
      for (const message of messages) await withPlace(() => handle(message));
    }),
  );
  resolveOffset(batch.lastOffset());
  await commitOffsetsIfNecessary();
  await heartbeat();
};

const inBatches: EachBatchHandler = async ({ batch, resolveOffset, heartbeat, commitOffsetsIfNecessary }) => {
  for (const { value } of batch.messages) take(value);
  resolveOffset(batch.lastOffset());
  await commitOffsetsIfNecessary();
  await heartbeat();
};

const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 250 });
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({
  autoCommit: true,
  autoCommitInterval: COMMIT_INTERVAL_MS,
  partitionsConsumedConcurrently: 16,
  eachBatch: mode === 'batch' ? inBatches : oneByOne,
});
const app = fastify();
app.get('/report', () => ({ ...state, now: performance.now() }));
await app.listen({ host: '127.0.0.1', port: Number(port) });
