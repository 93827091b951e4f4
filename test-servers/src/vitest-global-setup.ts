import type { TestProject } from 'vitest/node';
import { startKafka } from './kafka.ts';
import { startMysql } from './mysql.ts';
import { startRedis } from './redis.ts';
import { startS3 } from './s3.ts';
import { ServerUnavailable, type TestServer } from './test-server.ts';

/** What the setup provides to tests. */
export interface ServerAddresses {
  /** Like `redis://127.0.0.1:6379`; undefined when there is no Redis to test against. */
  redisUrl: string | undefined;
  /** Like `mysql://root:bottle@127.0.0.1:3306/test`; undefined when there is no MySQL to test against. */
  mysqlUrl: string | undefined;
  /** Like `127.0.0.1:9092`; undefined when there is no Kafka to test against. */
  kafkaBrokers: string | undefined;
  /** Like `http://key:secret@127.0.0.1:9000`; undefined when there is no S3 server to test against. */
  s3Url: string | undefined;
}

declare module 'vitest' {
  interface ProvidedContext extends ServerAddresses {}
}

/**
 * Starts the four servers once for a test run, side by side, and provides their addresses: `inject('redisUrl')`. What
 * cannot be had is announced and provided as undefined; with BOTTLE_REQUIRE_SERVERS=1 it fails the run instead.
 */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (project.vitest.projects.every(({ name }) => name === 'unit')) return undefined; // they need none
  const results = await Promise.allSettled([startRedis(), startMysql(), startKafka(), startS3()] as const);
  const servers = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  const required = process.env['BOTTLE_REQUIRE_SERVERS'] === '1';
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  const fatal = failures.filter((failure) => required || !(failure instanceof ServerUnavailable));
  if (fatal.length > 0) {
    await stop();
    throw fatal.length === 1 ? fatal[0] : new AggregateError(fatal, fatal.map(String).join('\n'));
  }
  for (const failure of failures) announce(failure as ServerUnavailable);

  const [redis, mysql, kafka, s3] = results;
  project.provide('redisUrl', addressIn(redis));
  project.provide('mysqlUrl', addressIn(mysql));
  project.provide('kafkaBrokers', addressIn(kafka));
  project.provide('s3Url', addressIn(s3));
  return stop;
}

function addressIn(result: PromiseSettledResult<TestServer>): string | undefined {
  return result.status === 'fulfilled' ? result.value.address : undefined;
}

function announce({ server, message }: ServerUnavailable): void {
  const reason = message.replaceAll(/\s*\n\s*/g, '; ');
  process.stderr.write(`\n*** NOT TESTED: everything that needs ${server}, because there is ${reason}\n\n`);
}
