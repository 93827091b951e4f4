// One plain process that consumes with kafkajs: what people write without a platform. Its offsets are committed behind
// finished work, ten times a second, as the platform does.
import fastify from 'fastify';
import { Kafka, logLevel } from 'kafkajs';

const [, , port, , brokers = '', topic = '', groupId = '', mode = ''] = process.argv;
const COMMIT_INTERVAL_MS = 100;
const state = { count: 0, sum: 0, lastAt: 0 };

function take(value: Buffer | null): void {
  const { n } = JSON.parse(value?.toString() ?? '') as { n: number };
  state.count += 1;
  state.sum += n;
  state.lastAt = performance.now();
}

const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 250 });
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
const common = { autoCommit: true, autoCommitInterval: COMMIT_INTERVAL_MS, partitionsConsumedConcurrently: 16 };
if (mode === 'batch') {
  await consumer.run({
    ...common,
    eachBatch: async ({ batch, resolveOffset, heartbeat, commitOffsetsIfNecessary }) => {
      for (const { value } of batch.messages) take(value);
      resolveOffset(batch.lastOffset());
      await commitOffsetsIfNecessary();
      await heartbeat();
    },
  });
} else {
  await consumer.run({ ...common, eachMessage: async ({ message }) => take(message.value) });
}
const app = fastify();
app.get('/report', () => ({ ...state, now: performance.now() }));
await app.listen({ host: '127.0.0.1', port: Number(port) });
