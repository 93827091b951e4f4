// Who answers what only reads, where a replica is behind its primary: here it knows nothing of what is written.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMysql, type TestServer } from '@bottle/test-servers';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { json } from '../harness/json.ts';
import { TestPod, waitFor } from '../harness/pod.ts';

const url = inject('mysqlUrl');

describe.skipIf(url === undefined)('a replica that is behind', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bottle-replicas-'));
  const pods: TestPod[] = [];
  let primary: TestServer;
  let replica: TestServer;
  beforeAll(async () => {
    [primary, replica] = await Promise.all([startMysql({ own: true }), startMysql({ own: true })]);
    const admin = await createConnection(primary.address);
    await admin.query('create table notes (text varchar(20))');
    await admin.end();
  });
  afterAll(async () => {
    await Promise.all(pods.map((pod) => pod.end()));
    await Promise.all([primary.stop(), replica.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const portOf = ({ address }: TestServer): number => Number(new URL(address).port);
  async function startPod(settings: object): Promise<TestPod> {
    const config = join(folder, `${pods.length}.yml`);
    const shop = { driver: 'mysql', url: primary.address, replicas: [replica.address], ...settings };
    writeFileSync(config, JSON.stringify({ resources: { db: { shop } } }));
    const pod = await TestPod.start({ project: 'replicas', sidecarArgs: ['--config', config] });
    pods.push(pod);
    const before = async () => (await json<{ before: number }>(fetch(`${pod.url}/where`))).before;
    await waitFor(async () => (await before()) === portOf(replica), 10_000); // it is connected
    return pod;
  }
  const where = (pod: TestPod, how: string) => json(fetch(`${pod.url}/where?how=${how}`));

  it.each(['statement', 'transaction'])('is not asked by an invocation that has written, by a %s', async (how) => {
    const pod = await startPod({});
    const [one, other] = [portOf(primary), portOf(replica)];
    for (let turn = 0; turn < 3; turn++)
      expect(await where(pod, how)).toEqual({ before: other, afterReading: other, afterWriting: one });
  });
  it('is asked all the same where the operator says so', async () => {
    const pod = await startPod({ readYourWrites: false });
    const other = portOf(replica);
    expect(await where(pod, 'statement')).toEqual({ before: other, afterReading: other, afterWriting: other });
  });
});
