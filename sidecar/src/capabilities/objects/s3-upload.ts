// A body on its way into S3, which wants to know the length of what it gets.
//  1. One part is in memory, whatever the body has; the next one is read when it is stored.
//  2. A body that fits one part is one request. Others are seen when all parts are stored, and put together.
//  3. Whatever ends an upload before, its parts are removed: after the request that is on its way came to its end. A
//     store that is told to forget an upload while a part of it comes in may fail, and keep the part; and an upload
//     whose beginning was not answered cannot be named.
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { ObjectUpload } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import { isUploadOver } from './s3-errors.ts';

export interface S3UploadOptions {
  client: S3Client;
  bucket: string;
  /** The whole key in the bucket. */
  key: string;
  /** Of a part. */
  partBytes: number;
  signal: AbortSignal;
  /** Called before the request after which the object may be seen. */
  onLast(): void;
  /** Parts that could not be removed. */
  onLeftover(error: unknown): void;
}

const MAX_PARTS = 10_000;
const ABORT_TIMEOUT_MS = 10_000;
/** What a request that was on its way when the upload was given up gets, to come to its end. */
const LAST_REQUEST_MS = 2_000;

/** Stores a body. Answers its size and its ETag. */
export async function uploadToS3(
  upload: ObjectUpload,
  options: S3UploadOptions,
): Promise<{ size: number; etag: string }> {
  const { client, bucket, key, signal } = options;
  const { contentType, metadata, ifAbsent, size } = upload;
  const partBytes = Math.max(options.partBytes, Math.ceil((size ?? 0) / MAX_PARTS));
  const parts = partsOf(upload.body, Math.min(partBytes, size ?? partBytes));
  const target = { Bucket: bucket, Key: key };
  const head = { ContentType: contentType, Metadata: { ...metadata } };
  const condition = ifAbsent ? { IfNoneMatch: '*' } : {};
  const first = await parts.next();
  const firstBytes = first.done ? new Uint8Array(0) : first.value.bytes;
  if (first.done || first.value.isLast) {
    const command = new PutObjectCommand({ ...target, ...head, ...condition, Body: firstBytes });
    options.onLast();
    const { ETag = '' } = await client.send(command, { abortSignal: signal }); // 2
    return { size: firstBytes.length, etag: ETag };
  }

  using patient = afterwards(signal, LAST_REQUEST_MS); // 3
  const abortSignal = patient.signal;
  const begun = await client.send(new CreateMultipartUploadCommand({ ...target, ...head }), { abortSignal });
  const part = { ...target, UploadId: begun.UploadId };
  try {
    signal.throwIfAborted();
    const stored: { ETag: string | undefined; PartNumber: number }[] = [];
    let bytes = 0;
    const store = async (body: Uint8Array): Promise<void> => {
      const PartNumber = stored.length + 1;
      if (PartNumber > MAX_PARTS) throw tooLarge(bytes);
      const command = new UploadPartCommand({ ...part, PartNumber, Body: body });
      const { ETag } = await client.send(command, { abortSignal });
      signal.throwIfAborted();
      stored.push({ ETag, PartNumber });
      bytes += body.length;
    };
    await store(firstBytes);
    for await (const next of parts) await store(next.bytes);
    options.onLast();
    const complete = { ...part, ...condition, MultipartUpload: { Parts: stored } };
    const { ETag = '' } = await client.send(new CompleteMultipartUploadCommand(complete), { abortSignal });
    return { size: bytes, etag: ETag };
  } catch (error) {
    await removeParts(part, options);
    throw error;
  }
}

/** A signal that comes this long after another one; one timer, gone with it. */
function afterwards(signal: AbortSignal, ms: number): Disposable & { signal: AbortSignal } {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    timer = setTimeout(() => controller.abort(signal.reason), ms);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose](): void {
      signal.removeEventListener('abort', onAbort);
      clearTimeout(timer);
    },
  };
}

/** 3. There are none when it was put together, and only the answer got lost. */
async function removeParts(
  upload: { Bucket: string; Key: string; UploadId: string | undefined },
  { client, onLeftover }: S3UploadOptions,
): Promise<void> {
  const abortSignal = AbortSignal.timeout(ABORT_TIMEOUT_MS); // not the caller's: it may be the reason
  await client.send(new AbortMultipartUploadCommand(upload), { abortSignal }).catch((failure: unknown) => {
    if (!isUploadOver(failure)) onLeftover(failure);
  });
}

interface Part {
  /** Overwritten when the next one is asked for. */
  bytes: Uint8Array;
  isLast: boolean;
}

/** 1. The body in parts of this size, in one buffer; the last one may be smaller. None of an empty body. */
async function* partsOf(body: AsyncIterable<Uint8Array>, partBytes: number): AsyncGenerator<Part> {
  const buffer = Buffer.allocUnsafeSlow(partBytes);
  let used = 0;
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; ) {
      if (used === partBytes) {
        yield { bytes: buffer, isLast: false };
        used = 0;
      }
      const taken = Math.min(partBytes - used, chunk.length - at);
      buffer.set(chunk.subarray(at, at + taken), used);
      used += taken;
      at += taken;
    }
  }
  if (used > 0) yield { bytes: buffer.subarray(0, used), isLast: true };
}

function tooLarge(bytes: number): BottleError {
  const message = `a body of unknown length may have ${bytes} bytes here: say its size, or raise partBytes`;
  return new BottleError(Code.RESOURCE_EXHAUSTED, 'object-too-large', message);
}
