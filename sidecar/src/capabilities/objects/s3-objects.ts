// Objects in a bucket, by the protocol of S3. The policy around it decides about repeats: the client makes none.
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import {
  badRange,
  type ObjectDescription,
  type ObjectDownload,
  objectExists,
  type ObjectRange,
  type ObjectsDriver,
} from '@bottle/capabilities';
import type { Readable } from 'node:stream';
import type { S3ObjectsConfig } from '../../resources-config.ts';
import type { NamedDriverContext } from '../drivers.ts';
import { fromS3Error, isBadRange, isConditionFailure, isMissing } from './s3-errors.ts';
import { uploadToS3 } from './s3-upload.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const PING_TIMEOUT_MS = 5_000;
/** How often a store that does not answer at the start is asked again. */
const RETRY_MS = 1_000;

/** What an answer says of an object, in the client's terms. */
interface Head {
  ContentLength?: number | undefined;
  ContentRange?: string | undefined;
  ETag?: string | undefined;
  ContentType?: string | undefined;
  LastModified?: Date | undefined;
  Metadata?: Record<string, string> | undefined;
}

export async function createS3Objects(
  settings: S3ObjectsConfig,
  { id, log }: Pick<NamedDriverContext, 'id' | 'log'>,
): Promise<ObjectsDriver> {
  const { bucket, prefix, partBytes } = settings;
  const client = createClient(settings, settings.endpoint);
  const outer = createClient(settings, settings.publicEndpoint ?? settings.endpoint);
  const target = (key: string) => ({ Bucket: bucket, Key: prefix + key });
  let problem: string | undefined = 'not asked yet';
  let timer: NodeJS.Timeout | undefined;

  const ping = async (): Promise<void> => {
    const abortSignal = AbortSignal.timeout(PING_TIMEOUT_MS);
    await client.send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal });
  };
  /** Until it has answered once; afterwards its calls tell. */
  const look = async (): Promise<void> => {
    try {
      await ping();
      problem = undefined;
    } catch (error) {
      problem = (fromS3Error(error, id) as Error).message;
      timer = setTimeout(() => void look(), RETRY_MS).unref();
    }
  };

  async function head(key: string, signal: AbortSignal): Promise<ObjectDescription | undefined> {
    try {
      return describe(key, await client.send(new HeadObjectCommand(target(key)), { abortSignal: signal }));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw fromS3Error(error, id, signal);
    }
  }

  async function get(
    key: string,
    range: ObjectRange | undefined,
    signal: AbortSignal,
  ): Promise<ObjectDownload | undefined> {
    try {
      const Range = range && headerOf(range);
      const answer = await client.send(new GetObjectCommand({ ...target(key), Range }), { abortSignal: signal });
      const body = answer.Body as Readable;
      // Also when nobody begins to read.
      const end = (): void => void body.on('error', () => {}).destroy();
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) end();
      const info = describe(key, answer);
      const { start, length } = partOf(answer);
      return { info, start, length, body: chunksOf(body, signal) };
    } catch (error) {
      if (isMissing(error)) return undefined;
      if (isBadRange(error)) throw badRange(undefined);
      throw fromS3Error(error, id, signal);
    }
  }

  async function* chunksOf(body: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of body) yield chunk as Uint8Array;
    } catch (error) {
      throw fromS3Error(error, id, signal);
    }
  }

  await look();
  return {
    get problem() {
      return problem;
    },
    ping,
    async put(upload, call) {
      const { key, contentType, metadata, ifAbsent } = upload;
      const { signal } = call;
      call.outcome = 'not-done';
      const onLast = (): void => (call.outcome = undefined); // the answer says it
      // Before anything is sent; the condition of the request holds in any case, where the store knows it.
      if (ifAbsent && (await head(key, signal))) throw objectExists(key);
      try {
        const onLeftover = (error: unknown): void =>
          log.warn({ err: error, resource: id, key }, 'parts of an upload that ended early could not be removed');
        const stored = await uploadToS3(upload, {
          client,
          bucket,
          key: prefix + key,
          partBytes,
          signal,
          onLast,
          onLeftover,
        });
        return { key, ...stored, contentType, metadata, lastModifiedMs: Date.now() };
      } catch (error) {
        if (isConditionFailure(error)) throw objectExists(key);
        throw fromS3Error(error, id, signal);
      }
    },
    get: (key, range, { signal }) => get(key, range, signal),
    head: (key, { signal }) => head(key, signal),
    async list({ prefix: within, after, limit }, { signal }) {
      const selection = {
        Bucket: bucket,
        Prefix: prefix + within,
        MaxKeys: limit,
        ...(after === '' ? {} : { StartAfter: prefix + after }),
      };
      try {
        const page = await client.send(new ListObjectsV2Command(selection), { abortSignal: signal });
        const objects = (page.Contents ?? []).map(({ Key = '', Size = 0, ETag = '', LastModified }) => ({
          key: Key.slice(prefix.length),
          size: Size,
          etag: ETag,
          lastModifiedMs: LastModified?.getTime() ?? 0,
        }));
        return { objects, isLast: page.IsTruncated !== true };
      } catch (error) {
        throw fromS3Error(error, id, signal);
      }
    },
    async delete(key, { signal }) {
      try {
        await client.send(new DeleteObjectCommand(target(key)), { abortSignal: signal });
      } catch (error) {
        if (!isMissing(error)) throw fromS3Error(error, id, signal);
      }
    },
    async presign({ key, method, expiresSec, contentType }) {
      if (method === 'GET') return getSignedUrl(outer, new GetObjectCommand(target(key)), { expiresIn: expiresSec });
      const typed = contentType === '' ? {} : { ContentType: contentType };
      const signableHeaders = new Set(contentType === '' ? [] : ['content-type']);
      const command = new PutObjectCommand({ ...target(key), ...typed });
      return getSignedUrl(outer, command, { expiresIn: expiresSec, signableHeaders });
    },
    async close() {
      clearTimeout(timer);
      client.destroy();
      outer.destroy();
    },
  };
}

function createClient(settings: S3ObjectsConfig, endpoint: string | undefined): S3Client {
  const { region, accessKeyId, secretAccessKey, sessionToken, connections } = settings;
  return new S3Client({
    region,
    forcePathStyle: settings.forcePathStyle ?? endpoint !== undefined,
    maxAttempts: 1,
    // Stores that are not Amazon's refuse what they do not know.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      httpAgent: { maxSockets: connections, keepAlive: true },
      httpsAgent: { maxSockets: connections, keepAlive: true },
    },
    ...(endpoint === undefined ? {} : { endpoint }),
    // Without any: the environment, the files, the web identity or the instance that the client of Amazon finds.
    ...(accessKeyId !== undefined && secretAccessKey !== undefined
      ? { credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) } }
      : {}),
  });
}

function headerOf(range: ObjectRange): string {
  return 'suffix' in range ? `bytes=-${range.suffix}` : `bytes=${range.start}-${range.end ?? ''}`;
}

/** "bytes 5-9/20" */
const CONTENT_RANGE = /^bytes (\d+)-(\d+)\/(\d+)$/;

function partOf({ ContentRange = '', ContentLength = 0 }: Head): { start: number; length: number } {
  const [, start] = CONTENT_RANGE.exec(ContentRange) ?? [];
  return { start: Number(start ?? 0), length: ContentLength };
}

function describe(key: string, answer: Head): ObjectDescription {
  const {
    ETag = '',
    ContentType = 'application/octet-stream',
    LastModified,
    Metadata = {},
    ContentLength = 0,
  } = answer;
  const [, , , size] = CONTENT_RANGE.exec(answer.ContentRange ?? '') ?? [];
  return {
    key,
    size: Number(size ?? ContentLength),
    etag: ETag,
    contentType: ContentType,
    lastModifiedMs: LastModified?.getTime() ?? 0,
    metadata: Metadata,
  };
}
