import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { createConnection } from 'mysql2/promise';
import { describe, expect, inject, type TestContext, test, vi } from 'vitest';
import { ServerUnavailable, startKafka, startMysql, startRedis, startS3, type TestServer } from './index.ts';

/** A server of the test's own, stopped at its end; without one the test is skipped, unless servers are required. */
async function own(context: TestContext, start: (options: { own: true }) => Promise<TestServer>): Promise<TestServer> {
  try {
    const server = await start({ own: true });
    context.onTestFinished(() => server.stop());
    return server;
  } catch (error) {
    if (error instanceof ServerUnavailable && process.env['BOTTLE_REQUIRE_SERVERS'] !== '1')
      context.skip(error.message);
    throw error;
  }
}

describe('a test run shares through inject()', () => {
  const notShared = 'this run has none';

  test('a Redis', async (context) => {
    const url = inject('redisUrl');
    if (url === undefined) return context.skip(notShared);
    const redis = new Redis(url);
    context.onTestFinished(() => redis.disconnect());
    await expect(redis.ping()).resolves.toBe('PONG');
  });

  test('a MySQL', async (context) => {
    const url = inject('mysqlUrl');
    if (url === undefined) return context.skip(notShared);
    const mysql = await createConnection(url);
    context.onTestFinished(() => mysql.end());
    const [rows] = await mysql.query('SELECT DATABASE() AS name');
    expect(rows).toEqual([{ name: new URL(url).pathname.slice(1) }]);
  });

  test('a Kafka', async (context) => {
    const brokers = inject('kafkaBrokers')?.split(',');
    if (brokers === undefined) return context.skip(notShared);
    const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
    context.onTestFinished(() => admin.disconnect());
    await admin.connect();
    const { brokers: found } = await admin.describeCluster();
    expect(found).not.toHaveLength(0);
  });
});

test('S3 refuses who has no key, also when it was killed and restarted', async (context) => {
  const server = await own(context, startS3);
  const { origin } = new URL(server.address);
  expect((await fetch(`${origin}/bucket`, { method: 'PUT' })).status).toBe(403);
  await server.restart();
  expect((await fetch(`${origin}/bucket`, { method: 'PUT' })).status).toBe(403);
});

test('Redis keeps its data when it is killed and restarted', async (context) => {
  const server = await own(context, startRedis);
  const redis = new Redis(server.address, { lazyConnect: true });
  redis.on('error', () => undefined);
  context.onTestFinished(() => redis.disconnect());
  await redis.set('kept', 'yes');
  await server.kill();
  await server.restart();
  await expect(redis.get('kept')).resolves.toBe('yes');
});

test('MySQL keeps its data when it is killed and restarted', async (context) => {
  const server = await own(context, startMysql);
  const before = await createConnection(server.address);
  before.on('error', () => undefined);
  await before.query('CREATE TABLE kept (id INT PRIMARY KEY)');
  await before.query('INSERT INTO kept VALUES (7)');
  await server.kill();
  before.destroy();
  await server.restart();
  const after = await createConnection(server.address);
  context.onTestFinished(() => after.end());
  const [rows] = await after.query('SELECT id FROM kept');
  expect(rows).toEqual([{ id: 7 }]);
});

test('Kafka keeps its data when it is killed and restarted', async (context) => {
  const server = await own(context, startKafka);
  const kafka = new Kafka({ brokers: [server.address], logLevel: logLevel.NOTHING });
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic: 'kept', messages: [{ value: 'yes' }] });
  await producer.disconnect();
  await server.kill();
  await server.restart();

  const consumer = kafka.consumer({ groupId: 'reader' });
  context.onTestFinished(() => consumer.disconnect());
  await consumer.connect();
  await consumer.subscribe({ topic: 'kept', fromBeginning: true });
  const received = new Promise((resolve) => {
    void consumer.run({ eachMessage: async ({ message }) => resolve(message.value?.toString()) });
  });
  await expect(received).resolves.toBe('yes');
});

test('a paused server takes no request until it is resumed', async (context) => {
  const server = await own(context, startRedis);
  const redis = new Redis(server.address, { lazyConnect: true });
  context.onTestFinished(() => redis.disconnect());
  await redis.set('key', 'value');
  await server.pause();
  let answered = false;
  const answer = redis.get('key').finally(() => (answered = true));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(answered).toBe(false);
  await server.resume();
  await expect(answer).resolves.toBe('value');
});

test('stop() ends the server and removes its directory', async (context) => {
  const server = await own(context, startRedis);
  await server.stop();
  await expect(accepts(server.address)).resolves.toBe(false);
  await expect(server.restart()).rejects.toThrow(/was stopped/);
});

describe('when the process that started a server is killed', () => {
  test('the server ends, too, and its directory is removed', async (context) => {
    const probe = await own(context, startRedis);
    context.skip(probe.source !== 'local', 'containers are ended by the watching container of testcontainers');
    const temporary = await mkdtemp(join(tmpdir(), 'bottle-guard-test-'));
    context.onTestFinished(() => rm(temporary, { recursive: true, force: true }));
    const program = `
      const { startRedis } = await import(${JSON.stringify(new URL('./redis.ts', import.meta.url).href)});
      console.log((await startRedis({ own: true })).address);
      setInterval(() => undefined, 1000);
    `;
    const parent = spawn(process.execPath, ['--conditions=source', '--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: temporary },
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const address = line.toString().trim();
    await expect(accepts(address)).resolves.toBe(true);
    parent.kill('SIGKILL');
    await vi.waitFor(
      async () => {
        await expect(accepts(address)).resolves.toBe(false);
        expect(readdirSync(temporary)).toEqual([]);
      },
      { timeout: 10_000, interval: 50 },
    );
    expect(existsSync(temporary)).toBe(true);
  });
});

function accepts(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => resolve(socket.destroy() !== undefined));
    socket.once('error', () => resolve(false));
  });
}
