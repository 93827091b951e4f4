// Objects through functions, on real processes: bodies of requests in, bodies of answers out, grants.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestPod, waitFor } from './harness/pod.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'bt-objects-'));
let pod: TestPod;
beforeAll(async () => {
  pod = await TestPod.start({ project: 'objects', sidecarArgs: ['--data-dir', dataDir] });
});
afterAll(async () => {
  await pod.end();
  rmSync(dataDir, { recursive: true, force: true });
});

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const put = (path: string, body: Uint8Array | string): Promise<Response> =>
  fetch(pod.url + path, { method: 'PUT', body: body as string, headers: { 'content-type': 'image/png' } });

it('a request’s body becomes an object, and that the body of an answer', async () => {
  const body = randomBytes(20 * 1024 * 1024);
  const stored = await put('/files/pictures/a%20b.png', body);
  expect(stored.status).toBe(200);
  expect(await stored.json()).toMatchObject({ key: 'pictures/a b.png', size: body.length, contentType: 'image/png' });
  const answer = await fetch(`${pod.url}/files/pictures/a%20b.png`);
  expect(answer.headers.get('content-type')).toBe('image/png');
  expect(digestOf(await answer.bytes())).toBe(digestOf(body));
  expect((await fetch(`${pod.url}/files/none`)).status).toBe(404);
});
it('a client that leaves in the middle of its upload has stored nothing, and replaced nothing', async () => {
  await put('/files/kept', 'before');
  for (const path of ['/files/lost', '/files/kept']) {
    const upload = request(pod.url + path, { method: 'PUT' });
    const closed = new Promise((resolve) => upload.on('error', resolve).on('close', resolve));
    upload.write(Buffer.alloc(8 * 1024 * 1024), () => upload.destroy());
    await closed;
  }
  const inFlight = async (): Promise<number> => {
    const { resources } = (await (await pod.admin('/resources')).json()) as { resources: { inFlight: number }[] };
    return resources.reduce((total, each) => total + each.inFlight, 0);
  };
  await waitFor(async () => (await inFlight()) === 0, 10_000);
  expect((await fetch(`${pod.url}/files/lost`)).status).toBe(404);
  expect(await (await fetch(`${pod.url}/files/kept`)).text()).toBe('before');
});
it('who may read may neither write, remove, nor let others write', async () => {
  for (const how of ['put', 'delete', 'presign', 'other']) {
    const answer = await fetch(`${pod.url}/overreach/${how}`, { method: 'POST' });
    expect(await answer.text()).toBe('PERMISSION_DENIED no-grant');
  }
});
