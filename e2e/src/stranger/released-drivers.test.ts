// The light store on real servers, by the command as users install it: the clients of Redis, MySQL and Kafka, which are
// old-style modules and load parts of themselves late, are in its bundle.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerAddresses } from '@bottle/test-servers';
import { createConnection } from 'mysql2/promise';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { ROOT } from '../harness/process.ts';
import { ServedProject } from './served-project.ts';
import { run, strangersEnvironment } from './shell.ts';

const redisUrl: ServerAddresses['redisUrl'] = inject('redisUrl');
const mysqlUrl: ServerAddresses['mysqlUrl'] = inject('mysqlUrl');
const kafkaBrokers: ServerAddresses['kafkaBrokers'] = inject('kafkaBrokers');
const STORE = join(ROOT, 'examples/light-store');
const FORM = {
  name: 'Ada Lovelace',
  email: 'ada@example.com',
  address: { street: '12 St James Square', postalCode: '10117', city: 'Berlin', country: 'DE' },
  payment: 'invoice',
};
const ARGUMENTS = ['--host', '127.0.0.1', '--port', '0', '--admin-port', '0', '--rpc-port', '0'];

describe.skipIf(redisUrl === undefined || mysqlUrl === undefined || kafkaBrokers === undefined)(
  'the packed command',
  () => {
    const database = `light_store_${randomUUID().slice(0, 8)}`;
    let scratch: string;
    let pod: ServedProject | undefined;
    beforeEach(() => {
      scratch = mkdtempSync(join(tmpdir(), 'bottle-released-'));
    });
    afterEach(async () => {
      await pod?.kill();
      const mysql = await createConnection(mysqlUrl ?? '');
      await mysql.query(`drop database if exists ${database}`);
      await mysql.end();
      rmSync(scratch, { recursive: true });
    });

    /** Its bin file, packed from this checkout. */
    async function packedCommand(): Promise<string> {
      const shell = { cwd: scratch, env: strangersEnvironment() };
      const release = join(ROOT, 'scripts/release/main.ts');
      await run([process.execPath, '--conditions=source', release, '--out', scratch, '--no-check'], shell);
      const tarball = readdirSync(scratch).find((name) => name.startsWith('bottle-cli-')) ?? '';
      await run(['tar', '-xzf', tarball], shell);
      return join(scratch, 'package/bin/bottle.js');
    }

    it('sells a lamp with Redis, MySQL and Kafka', { timeout: 180_000 }, async () => {
      const mysql = await createConnection(mysqlUrl ?? '');
      await mysql.query(`create database ${database}`);
      await mysql.end();
      const shopUrl = new URL(mysqlUrl ?? '');
      shopUrl.pathname = `/${database}`;
      const env = {
        ...strangersEnvironment(),
        LIGHT_STORE_DATA_DIR: scratch,
        BOTTLE_DATA_DIR: join(scratch, 'data'),
        REDIS_URL: redisUrl ?? '',
        MYSQL_URL: shopUrl.href,
        KAFKA_BROKER: kafkaBrokers?.split(',')[0] ?? '',
      };
      const config = ['--config', join(STORE, 'sidecar.real.yml')];
      const command = [process.execPath, await packedCommand(), 'start', STORE, ...config, ...ARGUMENTS];
      pod = new ServedProject(command, { cwd: scratch, env });
      await pod.says('"function container connected"');

      const headers = { 'content-type': 'application/json' };
      const put = await pod.get('/cart/items/brass-reading-lamp', { method: 'PUT', headers, body: '{"quantity":1}' });
      const cookie = put.headers.getSetCookie()[0]?.split(';')[0] ?? '';
      expect([put.status, cookie]).toEqual([200, expect.stringMatching(/^cart=/)]);
      const checkOut = { method: 'POST', headers: { ...headers, cookie, 'idempotency-key': randomUUID() } };
      const order = await pod.get('/checkout', { ...checkOut, body: JSON.stringify(FORM) });
      const { id } = (await order.json()) as { id: string };
      expect(order.status).toBe(201);
      await pod.says(`"orderId":"${id}","isNew":true`);
      expect(await pod.interrupt()).toBe('exit code 0');
    });
  },
);
