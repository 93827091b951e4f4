// Starts Redis, MySQL, Kafka and S3, prints their addresses as lines for a shell or an .env file, and stops them at Ctrl-C.
import { once } from 'node:events';
import { startKafka, startMysql, startRedis, startS3 } from './index.ts';
import { reportProgress } from './progress.ts';

const starts = {
  BOTTLE_TEST_REDIS_URL: startRedis(),
  BOTTLE_TEST_MYSQL_URL: startMysql(),
  BOTTLE_TEST_KAFKA_BROKERS: startKafka(),
  BOTTLE_TEST_S3_URL: startS3(),
};

const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
const stay = setInterval(() => undefined, 60_000);

await Promise.allSettled(Object.values(starts));
const servers = [];
for (const [variable, start] of Object.entries(starts)) {
  try {
    const server = await start;
    servers.push(server);
    process.stdout.write(`${variable}=${server.address}\n`);
  } catch (error) {
    reportProgress((error as Error).message);
    process.exitCode = 1;
  }
}
if (servers.length > 0) {
  reportProgress('Ctrl-C stops them');
  await interrupted;
  reportProgress('stopping');
  await Promise.all(servers.map((server) => server.stop()));
}
clearInterval(stay);
