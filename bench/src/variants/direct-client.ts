// One plain process that calls the middleware with its own clients: what people write without a platform.
import { DatabaseSync } from 'node:sqlite';
import fastify from 'fastify';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { createPool } from 'mysql2/promise';
import { type LoopOrder, type LoopReport, runCallLoop } from '../load/call-loop.ts';

const [, , port, , address = ''] = process.argv;
const MESSAGE = Buffer.alloc(1024, 'm');

const TASKS: Readonly<Record<string, (order: LoopOrder) => Promise<LoopReport>>> = {
  'cache-get': async (order) => {
    const redis = new Redis(address);
    const report = await runCallLoop(() => redis.getBuffer('hundred-bytes'), order);
    redis.disconnect();
    return report;
  },
  'db-select': async (order) => {
    const pool = createPool({ uri: address, connectionLimit: 10 });
    let id = 0;
    const select = 'select id, name, price from bench_items where id = ?';
    const report = await runCallLoop(() => pool.execute(select, [(id = (id % 1_000) + 1)]), order);
    await pool.end();
    return report;
  },
  'db-select-embedded': async (order) => {
    using database = new DatabaseSync(address);
    const select = database.prepare('select id, name, price from bench_items where id = ?');
    let id = 0;
    return await runCallLoop(async () => select.all((id = (id % 1_000) + 1)), order);
  },
  'mq-publish': async (order) => {
    const kafka = new Kafka({ brokers: address.split(','), logLevel: logLevel.NOTHING });
    const producer = kafka.producer();
    await producer.connect();
    const publish = () => producer.send({ topic: 'bench', acks: -1, messages: [{ value: MESSAGE }] });
    const report = await runCallLoop(publish, order);
    await producer.disconnect();
    return report;
  },
};

const app = fastify();
app.post<{ Body: LoopOrder }>('/loop', (request) => TASKS[request.body.task]?.(request.body));
await app.listen({ host: '127.0.0.1', port: Number(port) });
