// `npm run e2e:lost-answers`: every operation with its answer lost, as a table. Exit code 1 when one is not told the truth.
import { startMysql, startRedis, startS3, type TestServer } from '@bottle/test-servers';
import { startLosingKafka } from './losing-kafka.ts';
import { tableOf, type Verdict } from './row.ts';
import { rowsFor, Stage } from './stage.ts';

const started: TestServer[] = [];
const verdicts: Verdict[] = [];
/** A server of its own; without one its rows are left out, which is said. */
async function addressOf(name: string, start: () => Promise<TestServer>): Promise<string | undefined> {
  try {
    const server = await start();
    started.push(server);
    return server.address;
  } catch (error) {
    process.stderr.write(`NOT TESTED: ${name}: ${(error as Error).message}\n`);
    return undefined;
  }
}

/** One whose answers can be lost: the brokers of others send their clients past a proxy. */
const kafka = await startLosingKafka().catch((error: unknown) => {
  process.stderr.write(`NOT TESTED: Kafka: ${(error as Error).message}\n`);
  return undefined;
});
const addresses = {
  kafka,
  redisUrl: await addressOf('Redis', () => startRedis({ own: true })),
  mysqlUrl: await addressOf('MySQL', () => startMysql({ own: true })),
  s3Url: await addressOf('S3', () => startS3({ own: true })),
};
const stage = await Stage.start(addresses);
try {
  for (const row of rowsFor(addresses)) verdicts.push(await stage.check(row));
} finally {
  await stage.end();
  for (const server of started) await server.stop();
}
const right = verdicts.filter(({ faults }) => faults.length === 0).length;
process.stdout.write(`${tableOf(verdicts)}\n\n${right} of ${verdicts.length} are right\n`);
process.exit(right === verdicts.length && kafka !== undefined && started.length === 3 ? 0 : 1);
