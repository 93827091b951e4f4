import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { openSidecar } from './src/contracts/target.ts';
const brokers = [process.env.BOTTLE_TEST_KAFKA_BROKERS!];
const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
const admin = kafka.admin(); await admin.connect();
for (const partitions of [1, 1, 1]) {
  const topic = `bench${partitions}-${Date.now()}`;
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: true });
  const run = async (name: string, publish: (v: Buffer) => Promise<unknown>, inFlight = 64, ms = 4000) => {
    const value = Buffer.alloc(1024, 'x');
    let n = 0; let stop = false; const lat: number[] = [];
    const loop = async () => { while (!stop) { const s = performance.now(); await publish(value); lat.push(performance.now() - s); n++; } };
    const warm = Array.from({ length: inFlight }, loop);
    await new Promise((r) => setTimeout(r, 1500)); n = 0; lat.length = 0;
    const t = performance.now();
    await new Promise((r) => setTimeout(r, ms));
    const rate = n / ((performance.now() - t) / 1000); stop = true; await Promise.all(warm);
    lat.sort((a, b) => a - b);
    console.log(partitions, name, inFlight, Math.round(rate) + '/s', 'p50', lat[lat.length >> 1]!.toFixed(2), 'p99', lat[Math.floor(lat.length * 0.99)]!.toFixed(2));
  };
  const idem = process.env.IDEM === '1';
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, idempotent: idem });
  await producer.connect();
  const sidecar = await openSidecar({ mq: { q: { driver: 'kafka', brokers, topicPrefix: '' } } });
  const q = sidecar.bottle.mq('q');
  for (const inFlight of [64]) {
    await run('kafkajs', (value) => producer.send({ topic, messages: [{ value }] }), inFlight);
    await run('bottle', (value) => q.publish(topic, value), inFlight);
  }
  await producer.disconnect();
  await sidecar.close();
}
await admin.disconnect();
