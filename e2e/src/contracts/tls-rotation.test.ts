// Servers with TLS whose certificates, authority included, are renewed while a pod uses them: it goes on without a restart.
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort, requireProgram, startMysql, startRedis, type TestServer } from '@bottle/test-servers';
import { Redis } from 'ioredis';
import { createConnection } from 'mysql2/promise';
import { afterEach, beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest';
import { certificates } from './certificates.ts';
import { openSidecar, type SidecarTarget } from './target.ts';

// The setup of the run has said so, loudly, when there is none.
const [redisUrl, mysqlUrl] = [inject('redisUrl'), inject('mysqlUrl')];

let folder: string;
let server: TestServer | undefined;
let target: SidecarTarget | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bt-tls-'));
  renew();
});
afterEach(async () => {
  await target?.close();
  await server?.stop();
  target = undefined;
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const file = (name: string): string => join(folder, name);

/** Another authority, with another certificate for localhost. */
function renew(): void {
  const { ca, cert, key, remove } = certificates();
  remove();
  for (const [name, pem] of Object.entries({ ca, cert, key })) writeFileSync(file(`${name}.pem`), pem);
}

describe.skipIf(redisUrl === undefined)('Redis with TLS and a user of its own', () => {
  it('is used on when its certificate is renewed, and not with one of another authority', async () => {
    const port = await findFreePort();
    const tls = ['--tls-port', String(port), '--tls-auth-clients', 'no'];
    const files = ['--tls-cert-file', file('cert.pem'), '--tls-key-file', file('key.pem')];
    const user = ['--user', 'shop', 'on', '>s3cret', '~shop:*', '&shop:*', '+@all', '-@admin', '-@dangerous'];
    server = await startRedis({ own: true, args: [...tls, ...files, '--tls-ca-cert-file', file('ca.pem'), ...user] });
    const url = `redis://shop:s3cret@localhost:${port}`;
    const main = { driver: 'redis', url, keyPrefix: 'shop:', tls: { caFile: file('ca.pem') } };
    target = await openSidecar({ cache: { main }, lock: { main: { ...main } } });
    const { bottle } = target;
    const cache = bottle.cache('main');
    const admin = new Redis(server.address).on('error', () => {}); // it ends with its server
    onTestFinished(() => admin.disconnect());
    const serveAnew = async (): Promise<void> => {
      await admin.config('SET', 'tls-cert-file', file('cert.pem'), 'tls-key-file', file('key.pem'));
      await admin.call('CLIENT', 'KILL', 'USER', 'shop');
    };
    await cache.set('a', 1);
    expect(await bottle.lock('main').withLock('one', { lease: '5s' }, () => cache.get('a'))).toBe(1);
    for (let turn = 0; turn < 3; turn++) {
      renew();
      await serveAnew();
      await expect.poll(() => cache.get('a').catch(() => 'away'), { timeout: 5_000 }).toBe(1);
    }
    // The pod trusts another authority than the server's: nothing is sent until both are the same again.
    copyFileSync(file('ca.pem'), file('kept.pem'));
    renew();
    copyFileSync(file('ca.pem'), file('next.pem'));
    copyFileSync(file('kept.pem'), file('ca.pem'));
    await serveAnew();
    await expect
      .poll(() => cache.get('a').catch(({ code }: { code: string }) => code), { timeout: 5_000 })
      .toBe('UNAVAILABLE');
    copyFileSync(file('next.pem'), file('ca.pem'));
    await expect.poll(() => cache.get('a').catch(() => 'away'), { timeout: 10_000 }).toBe(1);
  });
});

describe.skipIf(redisUrl === undefined)('a master and its sentinel with TLS alone', () => {
  it('are both asked through it', async () => {
    const [port, sentinelPort] = [await findFreePort(), await findFreePort()];
    const files = `tls-cert-file ${file('cert.pem')}\ntls-key-file ${file('key.pem')}\ntls-ca-cert-file ${file('ca.pem')}`;
    const common = `port 0\nbind 127.0.0.1\ndir ${folder}\ntls-auth-clients no\ntls-replication yes\n${files}\n`;
    writeFileSync(file('redis.conf'), `${common}tls-port ${port}\nsave ""\n`);
    const watch = `sentinel resolve-hostnames yes\nsentinel announce-hostnames yes\nsentinel monitor shop localhost ${port} 1\n`;
    writeFileSync(file('sentinel.conf'), `${common}tls-port ${sentinelPort}\n${watch}`);
    const program = await requireProgram('redis-server', 'valkey-server');
    for (const args of [[file('redis.conf')], [file('sentinel.conf'), '--sentinel']]) {
      const child = spawn(program, args, { stdio: 'ignore' });
      onTestFinished(() => void child.kill('SIGKILL'));
    }
    const sentinels = { name: 'shop', nodes: [`localhost:${sentinelPort}`] };
    target = await openSidecar({ cache: { main: { driver: 'redis', sentinels, tls: { caFile: file('ca.pem') } } } });
    const cache = target.bottle.cache('main');
    await expect.poll(() => cache.set('a', 1).catch(() => 'away'), { timeout: 10_000 }).toBe(true);
    expect(await cache.get('a')).toBe(1);
  });
});

describe.skipIf(mysqlUrl === undefined)('MySQL with TLS', () => {
  it('is used on when its certificate is renewed', async () => {
    const args = [`--ssl-cert=${file('cert.pem')}`, `--ssl-key=${file('key.pem')}`, `--ssl-ca=${file('ca.pem')}`];
    server = await startMysql({ own: true, args });
    const url = server.address.replace('127.0.0.1', 'localhost');
    target = await openSidecar({ db: { shop: { driver: 'mysql', url, tls: { caFile: file('ca.pem') } } } });
    const db = target.bottle.db('shop');
    const cipher = async (): Promise<unknown> => (await db.sql`show status like 'Ssl_cipher'`)[0];
    expect(await cipher()).toMatchObject({ Value: expect.stringMatching(/^TLS_/) });
    const admin = await createConnection(server.address);
    onTestFinished(() => admin.end());
    for (let turn = 0; turn < 3; turn++) {
      renew();
      await admin.query('FLUSH SSL');
      const [others] = await admin.query(
        "select id from information_schema.processlist where id <> connection_id() and user = 'root'",
      );
      for (const { id } of others as { id: number }[]) await admin.query(`KILL ${id}`).catch(() => {}); // it is gone
      await expect
        .poll(() => cipher().catch(() => 'away'), { timeout: 10_000 })
        .toMatchObject({ Value: expect.stringMatching(/^TLS_/) });
    }
  });
});
