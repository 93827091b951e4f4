// What becomes of objects when somebody fails: the store, the caller, the process in the middle of a put.
import { randomUUID } from 'node:crypto';
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { type ServerAddresses, ServerUnavailable, startS3, type TestServer } from '@bottle/test-servers';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { type LosingProxy, startLosingProxy } from '../lost-answers/losing-proxy.ts';
import { type BucketSettings, createBucket } from './s3-bucket.ts';
import { openSidecar, type SidecarTarget } from './target.ts';

const MIB = 1024 * 1024;
const url: ServerAddresses['s3Url'] = inject('s3Url');

let target: SidecarTarget | undefined;
let server: TestServer | undefined;
let proxy: LosingProxy | undefined;
afterEach(async () => {
  await target?.close();
  await server?.stop();
  await proxy?.close();
  target = undefined;
  server = undefined;
  proxy = undefined;
});

/** Pieces of a MiB; `meanwhile` runs when some of them have been taken. */
async function* endless(meanwhile: () => void): AsyncGenerator<Uint8Array> {
  for (let at = 0; ; at++) {
    if (at === 16) meanwhile();
    yield Buffer.alloc(MIB);
  }
}

describe('a directory', () => {
  it('shows nothing of a put whose sidecar was killed in the middle', async () => {
    target = await openSidecar();
    const { bottle, pod, sidecar } = target;
    const files = bottle.objects('files');
    await files.put('kept', 'before');
    const put = files.put(
      'lost',
      endless(() => sidecar.kill('SIGKILL')),
    );
    await expect(put).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await sidecar.exit();
    await pod.startSidecar();
    await expect.poll(() => files.head('kept').catch(() => undefined), { timeout: 10_000 }).toMatchObject({ size: 6 });
    expect(await files.head('lost')).toBeUndefined();
    expect((await files.list()).objects.map(({ key }) => key)).toEqual(['kept']);
  });
});

describe.skipIf(url === undefined)('a store that speaks S3', () => {
  const uploadsOf = async (bucket: BucketSettings): Promise<number> => {
    const client = new S3Client({
      region: 'us-east-1',
      forcePathStyle: true,
      endpoint: bucket.endpoint,
      credentials: { accessKeyId: bucket.accessKeyId, secretAccessKey: bucket.secretAccessKey },
    });
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket.bucket }));
    client.destroy();
    return Uploads.length;
  };

  it('keeps no parts of a put that was given up in the middle', async () => {
    const bucket = await createBucket(url ?? '');
    target = await openSidecar({ objects: { files: { ...bucket, driver: 's3' } } });
    const files = target.bottle.objects('files');
    const controller = new AbortController();
    let uploads: Promise<number> | undefined;
    const onMiddle = (): void => {
      uploads = uploadsOf(bucket).finally(() => controller.abort());
    };
    await expect(files.put('lost', endless(onMiddle), { signal: controller.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(await uploads).toBe(1);
    await expect.poll(() => uploadsOf(bucket), { timeout: 10_000 }).toBe(0);
    expect(await files.head('lost')).toBeUndefined();
  });

  it('keeps no parts wherever a put was given up: before it began, in a part, between two', async () => {
    const bucket = await createBucket(url ?? '');
    target = await openSidecar({ objects: { files: { ...bucket, driver: 's3' } } });
    const files = target.bottle.objects('files');
    const giveUp = async (key: string, afterMs: number): Promise<void> => {
      const put = files.put(
        key,
        endless(() => {}),
        { signal: AbortSignal.timeout(afterMs) },
      );
      await expect(put).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    };
    const rounds = Array.from({ length: 3 }, (_, worker) => async () => {
      for (let at = 0; at < 15; at++) await giveUp(`lost-${worker}-${at}`, 20 + at * 40);
    });
    await Promise.all(rounds.map((round) => round()));
    await expect.poll(() => uploadsOf(bucket), { timeout: 10_000 }).toBe(0);
  });
  it('that refuses the credentials: /readyz says why, without them', async () => {
    const bucket = { ...(await createBucket(url ?? '')), secretAccessKey: `wrong-${randomUUID()}` };
    target = await openSidecar({ objects: { files: { ...bucket, driver: 's3' } } });
    const { bottle, pod, sidecar } = target;
    await expect.poll(async () => (await pod.admin('/readyz')).text()).toContain('the store of objects.files refused');
    const refused = { code: 'FAILED_PRECONDITION', reason: 'driver-error' };
    await expect(bottle.objects('files').put('a', 'x')).rejects.toMatchObject(refused);
    await expect(bottle.objects('files').get('a')).rejects.toMatchObject(refused);
    expect(JSON.stringify([sidecar.lines, sidecar.stderr])).not.toContain(bucket.secretAccessKey);
  });
  it('that dies fails its calls, and serves again when it is back', async (context) => {
    server = await startS3({ own: true }).catch((error: unknown) => {
      if (error instanceof ServerUnavailable) return context.skip(error.message);
      throw error;
    });
    const bucket = await createBucket(server.address);
    target = await openSidecar({ objects: { files: { ...bucket, driver: 's3', policy: { timeoutMs: 3_000 } } } });
    const { bottle, sidecar } = target;
    const files = bottle.objects('files');
    await files.put('a', 'x');
    const gone = { code: 'UNAVAILABLE' };
    await expect(
      files.put(
        'lost',
        endless(() => void server?.kill()),
      ),
    ).rejects.toMatchObject(gone);
    await expect(files.head('a')).rejects.toMatchObject(gone);
    await server.restart();
    await expect.poll(() => files.head('a').catch(() => undefined), { timeout: 20_000 }).toMatchObject({ size: 1 });
    expect(await files.head('lost')).toBeUndefined();
    expect(sidecar.isRunning).toBe(true);
  });

  describe('carries a request out, and its answer gets lost', () => {
    const lossy = async (loses: (method: string, url: URL) => boolean) => {
      const bucket = await createBucket(url ?? '');
      proxy = await startLosingProxy(bucket.endpoint, (request) =>
        loses(request.method ?? '', new URL(request.url ?? '', 'http://store')),
      );
      target = await openSidecar({ objects: { files: { ...bucket, endpoint: proxy.url, driver: 's3' } } });
      const leftovers = (): number =>
        target?.sidecar.lines.filter(({ msg }) => String(msg).includes('could not be removed')).length ?? 0;
      return { bucket, files: target.bottle.objects('files'), leftovers };
    };
    const unknown = { code: 'UNKNOWN', reason: 'outcome-unknown', outcome: 'unknown', retryable: false };
    const body = Buffer.alloc(12 * MIB, 'x');

    it('of a put: its caller hears that nobody knows, and may ask', async () => {
      const { files } = await lossy((method) => method === 'PUT');
      await expect(files.put('a', 'x')).rejects.toMatchObject(unknown);
      expect(await files.head('a')).toMatchObject({ size: 1 });
      await expect(files.put('a', 'y', { ifAbsent: true })).rejects.toMatchObject({ reason: 'object-exists' });
    });
    it('of the last step of a large one: the object is whole, and nothing else is left', async () => {
      const { bucket, files, leftovers } = await lossy(
        (method, { searchParams }) => method === 'POST' && searchParams.has('uploadId'),
      );
      await expect(files.put('a', body)).rejects.toMatchObject(unknown);
      expect(await files.head('a')).toMatchObject({ size: body.length });
      expect([await uploadsOf(bucket), leftovers(), proxy?.lost]).toEqual([0, 0, 1]);
    });
    it('of a part: nothing is stored, and no part is left', async () => {
      const { bucket, files, leftovers } = await lossy(
        (method, { searchParams }) => method === 'PUT' && searchParams.get('partNumber') === '2',
      );
      const undone = { code: 'UNAVAILABLE', outcome: 'not-done', retryable: true };
      await expect(files.put('a', body)).rejects.toMatchObject(undone);
      expect(await files.head('a')).toBeUndefined();
      expect([await uploadsOf(bucket), leftovers()]).toEqual([0, 0]);
    });
    it('of a removal: it is removed, and removing it again is right', async () => {
      let losing = true;
      const { files } = await lossy((method) => method === 'DELETE' && losing);
      await files.put('a', 'x');
      await expect(files.delete('a')).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        outcome: 'unknown',
        retryable: true,
      });
      expect(await files.head('a')).toBeUndefined();
      losing = false;
      await files.delete('a');
    });
  });
});
