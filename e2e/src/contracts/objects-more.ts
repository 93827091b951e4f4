// What of the contract of objects holds for some drivers only: `describeObjectsContract(…, { also })`.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Given } from './objects-contract.ts';
import type { SidecarTarget } from './target.ts';

const MIB = 1024 * 1024;

/** Conditions hold against others at the same time. */
export function exclusivePuts({ objects, fresh }: Given): void {
  it('an object may be made once: of many who want it new at the same time, one succeeds', async () => {
    const key = fresh();
    const puts = Array.from({ length: 8 }, (_, at) => objects().put(key, `by ${at}`, { ifAbsent: true }));
    const settled = await Promise.allSettled(puts);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await (await objects().get(key)).text()).toMatch(/^by \d$/);
  });
}

/** Of a sidecar. */
export function flatMemory({ target, objects, fresh }: Given): void {
  const residentBytes = (): number => {
    const status = readFileSync(`/proc/${(target() as SidecarTarget).sidecar.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
  };
  it('a large body is in nobody’s memory, be its reader slow or its store', async () => {
    const key = fresh();
    await objects().put(key, Buffer.alloc(MIB));
    const before = residentBytes();
    async function* many(): AsyncGenerator<Uint8Array> {
      const piece = randomBytes(MIB);
      for (let at = 0; at < 200; at++) yield piece;
    }
    await objects().put(key, many(), { size: 200 * MIB });
    const reader = (await objects().get(key)).body.getReader();
    await reader.read();
    await delay(1_500); // whoever reads ahead has done so
    const grown = residentBytes() - before;
    await reader.cancel();
    expect(grown).toBeLessThan(80 * MIB);
  });
}

export function noUrls({ objects }: Given): void {
  it('a presigned URL is said not to be there', async () => {
    const refused = { code: 'UNIMPLEMENTED', reason: 'no-presign' };
    await expect(objects().presign('a')).rejects.toMatchObject(refused);
    await expect(objects().presign('a', { method: 'put' })).rejects.toMatchObject(refused);
  });
}

export function fakeUrls({ objects }: Given): void {
  it('a presigned URL says what it is for', async () => {
    expect(await objects().presign('a b/c', { method: 'put', expiresIn: '1h' })).toContain(
      '/contract/a%20b/c?method=PUT&expires=3600',
    );
  });
}

export function realUrls({ objects, fresh }: Given): void {
  it('a presigned URL lets anybody read or write one object, for a while', async () => {
    const key = `${fresh()}/ü b`;
    const put = await objects().presign(key, { method: 'put', contentType: 'text/x-a', expiresIn: '1m' });
    const send = (url: string, type: string): Promise<Response> =>
      fetch(url, { method: 'PUT', body: 'uploaded', headers: { 'content-type': type } });
    expect((await send(put, 'text/other')).status).toBe(403);
    expect((await send(put, 'text/x-a')).status).toBe(200);
    const get = await objects().presign(key, { expiresIn: '2s' });
    expect(await (await fetch(get)).text()).toBe('uploaded');
    expect((await fetch(get.replace(/.(?=&x-id)/, 'z'))).status).toBe(403);
    expect((await fetch(get, { method: 'PUT', body: 'x' })).status).toBe(403);
    await expect.poll(async () => (await fetch(get)).status, { timeout: 10_000 }).toBe(403);
  });
}
