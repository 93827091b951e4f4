// Who answers what only reads, where a replica is behind its primary: here it knows nothing of what is written.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMysql, type TestServer, unlessUnavailable } from '@bottle/test-servers';
import { type Connection, createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { json } from '../harness/json.ts';
import { TestPod, waitFor } from '../harness/pod.ts';

const url = inject('mysqlUrl');
const replica = await unlessUnavailable(startMysql({ own: true }));

describe.skipIf(url === undefined || replica === undefined)('a replica that is behind', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bottle-replicas-'));
  const pods: TestPod[] = [];
  const database = `replicas_${process.pid}`;
  let primary: URL;
  let behind: URL;
  let admin: Connection;
  beforeAll(async () => {
    behind = new URL((replica as TestServer).address);
    primary = new URL(url ?? '');
    admin = await createConnection(primary.href);
    await admin.query(`create database ${database}`);
    await admin.query(`create table ${database}.notes (text varchar(20))`);
    primary.pathname = database;
  });
  afterAll(async () => {
    await Promise.all(pods.map((pod) => pod.end()));
    await admin?.query(`drop database ${database}`);
    await admin?.end();
    await replica?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const portOf = ({ port }: URL): number => Number(port);
  async function startPod(settings: object): Promise<TestPod> {
    const config = join(folder, `${pods.length}.yml`);
    const shop = { driver: 'mysql', url: primary.href, replicas: [behind.href], ...settings };
    writeFileSync(config, JSON.stringify({ resources: { db: { shop } } }));
    const pod = await TestPod.start({ project: 'replicas', sidecarArgs: ['--config', config] });
    pods.push(pod);
    const before = async () => (await json<{ before: number }>(fetch(`${pod.url}/where`))).before;
    await waitFor(async () => (await before()) === portOf(behind), 10_000); // it is connected
    return pod;
  }
  const where = (pod: TestPod, how: string) => json(fetch(`${pod.url}/where?how=${how}`));

  it.each(['statement', 'transaction'])('is not asked by an invocation that has written, by a %s', async (how) => {
    const pod = await startPod({});
    const [one, other] = [portOf(primary), portOf(behind)];
    for (let turn = 0; turn < 3; turn++)
      expect(await where(pod, how)).toEqual({ before: other, afterReading: other, afterWriting: one });
  });
  it('is asked all the same where the operator says so', async () => {
    const pod = await startPod({ readYourWrites: false });
    const other = portOf(behind);
    expect(await where(pod, 'statement')).toEqual({ before: other, afterReading: other, afterWriting: other });
  });
});
