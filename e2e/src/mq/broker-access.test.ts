// A Kafka that lets in whom it knows, through TLS, and each only to what its ACLs allow; certificates are renewed under the pod.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort, startKafka, type TestServer } from '@bottle/test-servers';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  type Admin,
  Kafka,
  logLevel,
  ResourcePatternTypes,
} from 'kafkajs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { certificates } from '../contracts/certificates.ts';
import { openSidecar, type SidecarTarget } from '../contracts/target.ts';
import { MqRun, orders } from '../harness/mq-run.ts';
import { type TestPod, waitFor } from '../harness/pod.ts';

const folder = mkdtempSync(join(tmpdir(), 'bt-access-'));
const file = (name: string): string => join(folder, name);
const sasl = { mechanism: 'plain', username: 'shop', password: 's3cret-of-shop' };

/** Another authority, with another certificate for localhost: for the pod, and for the broker. */
function renew(): void {
  const { ca, cert, key, remove } = certificates();
  remove();
  writeFileSync(file('ca.pem'), ca);
  writeFileSync(file('broker.pem'), key + cert);
}

describe.skipIf(inject('kafkaBrokers') === undefined)('a user of a broker with ACLs', () => {
  let server: TestServer;
  let admin: Admin;
  let run: MqRun;
  let pod: TestPod;
  let target: SidecarTarget;
  beforeAll(async () => {
    renew();
    const [port, securePort, controllerPort] = [await findFreePort(), await findFreePort(), await findFreePort()];
    const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
    server = await startKafka({
      own: true,
      port,
      settings: {
        listeners: `PLAINTEXT://127.0.0.1:${port},SECURE://127.0.0.1:${securePort},CONTROLLER://127.0.0.1:${controllerPort}`,
        'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},SECURE://localhost:${securePort}`,
        'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
        'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT',
        'sasl.enabled.mechanisms': 'PLAIN',
        'listener.name.secure.plain.sasl.jaas.config': `${plain} user_shop="${sasl.password}";`,
        'listener.name.secure.ssl.keystore.type': 'PEM',
        'listener.name.secure.ssl.keystore.location': file('broker.pem'),
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:ANONYMOUS',
        'auto.create.topics.enable': 'false',
      },
    });
    admin = new Kafka({ brokers: [server.address], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const topics = ['work', 'work.mq-test.work.dead', 'bulk', 'strict'].map((topic) => ({ topic, numPartitions: 2 }));
    await admin.createTopics({ waitForLeaders: true, timeout: 30_000, topics });
    const may = (resourceName: string, resourceType: AclResourceTypes, operation: AclOperationTypes) => ({
      resourceName,
      resourceType,
      operation,
      resourcePatternType: ResourcePatternTypes.LITERAL,
      principal: 'User:shop',
      host: '*',
      permissionType: AclPermissionTypes.ALLOW,
    });
    await admin.createAcls({
      acl: [
        may('work', AclResourceTypes.TOPIC, AclOperationTypes.READ),
        may('work', AclResourceTypes.TOPIC, AclOperationTypes.WRITE),
        may('work.mq-test.work.dead', AclResourceTypes.TOPIC, AclOperationTypes.WRITE),
        may('mq-test.work', AclResourceTypes.GROUP, AclOperationTypes.READ),
      ],
    });
    const brokers = [`localhost:${securePort}`];
    const queue = { driver: 'kafka', brokers, sasl, tls: { caFile: file('ca.pem') } };
    run = new MqRun(queue);
    pod = run.preparePod();
    pod.startRuntime();
    await pod.startSidecar();
    await pod.untilReady();
    target = await openSidecar({ mq: { queue } });
  }, 120_000);
  afterAll(async () => {
    await target?.close();
    await run?.end();
    await admin?.disconnect();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('publishes to its topics and to no other, which the error says', async () => {
    const queue = target.bottle.mq('queue');
    await expect
      .poll(() => queue.publish('work', { id: 'first', seq: 0 }).then(() => 'ok', String), { timeout: 20_000 })
      .toBe('ok');
    await expect(queue.publish('bulk', 1)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  });
  it('consumes what it may, and its pod says what it may not', async () => {
    await run.publish(pod, 'work', orders(50, 0));
    await run.untilFinished(51);
    const readiness = async (): Promise<string> => (await run.readiness(pod)).join('\n');
    await waitFor(async () => /bulk of bulk: kafka: .*(authoriz|may not|not allowed)/i.test(await readiness()), 20_000);
    expect((await pod.admin('/readyz')).status).toBe(200);
  });
  it('goes on when the certificates are renewed and the broker comes back with them', async () => {
    renew();
    await server.restart();
    await run
      .publish(
        pod,
        'work',
        orders(20, 0, () => ({}), 'renewed'),
      )
      .catch(() => {}); // it may be too early
    await waitFor(async () => {
      const response = await fetch(`${pod.url}/publish/work`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify([{ value: { id: 'last', seq: 0 } }]),
      });
      return response.ok;
    }, 30_000);
    await waitFor(() => run.finished().has('last'), 30_000);
    expect(JSON.stringify(await (await pod.admin('/readyz')).json())).not.toContain(sasl.password);
  });
});
