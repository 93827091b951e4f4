import {
  BottleError,
  Code,
  framesUntilEnd,
  type ObjectDeleted,
  type ObjectGet__Output,
  type ObjectGetFrame,
  type ObjectInfo,
  type ObjectKey__Output,
  type ObjectList__Output,
  type ObjectPage,
  type ObjectPresign__Output,
  type ObjectPutFrame__Output,
  type ObjectUrl,
} from '@bottle/protos';
import { type CallFacts, type Capability, firstOf, type StreamMethod, type UnaryMethod } from '../capability.ts';
import { untilAborted } from '../until-aborted.ts';
import { assertObjectKey, contentTypeOf, metadataOf } from './object-checks.ts';
import type { ObjectDescription, ObjectEntry, ObjectRange, ObjectsDriver } from './objects-port.ts';

/** Longest chunk of a body in one message. */
const MAX_CHUNK_BYTES = 64 * 1024;
const MAX_PAGE = 1_000;
/** As S3 has it: seven days. */
const MAX_EXPIRES_SEC = 604_800;

const put: StreamMethod<ObjectsDriver, ObjectPutFrame__Output, ObjectInfo> = {
  kind: 'stream',
  facts: { operation: 'put', access: 'write', repeatable: false },
  async *serve(driver, frames, call) {
    const iterator = framesUntilEnd(frames);
    const first = await iterator.next();
    const head = first.done ? undefined : first.value.head;
    if (!head) throw badFrames('a put begins with its head');
    const size = head.size === undefined ? undefined : Number(head.size);
    const upload = {
      key: assertObjectKey(head.key),
      contentType: contentTypeOf(head.contentType),
      metadata: metadataOf(head.metadata),
      ifAbsent: head.ifAbsent,
      size,
      body: chunksOf(iterator, size, call.signal),
    };
    yield infoOf(await driver.put(upload, call));
  },
};

const get: StreamMethod<ObjectsDriver, ObjectGet__Output, ObjectGetFrame> = {
  kind: 'stream',
  facts: { operation: 'get', access: 'read', repeatable: true },
  async *serve(driver, requests, call) {
    const request = await firstOf(requests);
    if (!request) throw badFrames('a get has one request');
    const key = assertObjectKey(request.key);
    const found = await driver.get(key, rangeOf(request), call);
    if (!found) throw noObject(key);
    const { info, start, length, body } = found;
    yield { head: { info: infoOf(info), start, length } };
    for await (const bytes of body) {
      for (let at = 0; at < bytes.length; at += MAX_CHUNK_BYTES) {
        yield { chunk: bytes.subarray(at, at + MAX_CHUNK_BYTES) };
      }
    }
  },
};

const head: UnaryMethod<ObjectsDriver, ObjectKey__Output, ObjectInfo> = {
  kind: 'unary',
  facts: factsOf('head', 'read'),
  async serve(driver, request, call) {
    const key = assertObjectKey(request.key);
    const found = await driver.head(key, call);
    if (!found) throw noObject(key);
    return infoOf(found);
  },
};

const list: UnaryMethod<ObjectsDriver, ObjectList__Output, ObjectPage> = {
  kind: 'unary',
  facts: factsOf('list', 'read'),
  async serve(driver, { prefix, cursor, limit }, call) {
    const most = limit === 0 ? MAX_PAGE : Math.min(limit, MAX_PAGE);
    const { objects, isLast } = await driver.list({ prefix, after: cursor, limit: most }, call);
    return { objects: objects.map(entryOf), cursor: isLast ? '' : (objects.at(-1)?.key ?? '') };
  },
};

const remove: UnaryMethod<ObjectsDriver, ObjectKey__Output, ObjectDeleted> = {
  kind: 'unary',
  facts: factsOf('delete', 'write'),
  async serve(driver, { key }, call) {
    await driver.delete(assertObjectKey(key), call);
    return {};
  },
};

const presign: UnaryMethod<ObjectsDriver, ObjectPresign__Output, ObjectUrl> = {
  kind: 'unary',
  facts: ({ method }) => ({ operation: 'presign', access: method === 'GET' ? 'read' : 'write', repeatable: true }),
  async serve(driver, { key, method, expiresSec, contentType }) {
    if (method !== 'GET' && method !== 'PUT') throw badPresign('a URL is for GET or for PUT');
    if (expiresSec < 1 || expiresSec > MAX_EXPIRES_SEC) throw badPresign('a URL holds for a second to seven days');
    const type = contentType === '' ? '' : contentTypeOf(contentType);
    return { url: await driver.presign({ key: assertObjectKey(key), method, expiresSec, contentType: type }) };
  },
};

/** Objects. What is read may be read again, and what is removed be removed again; a body comes once. */
export const objectsCapability: Capability<ObjectsDriver> = {
  name: 'objects',
  accesses: ['read', 'write'],
  methods: { put, get, head, list, delete: remove, presign },
};

/** The body of a put; as long as was said, if it was. Throws at once when the signal aborts. */
async function* chunksOf(
  frames: AsyncGenerator<ObjectPutFrame__Output>,
  size: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for (;;) {
    const next = await untilAborted(frames.next(), signal);
    if (next.done) break;
    const { chunk } = next.value;
    if (!chunk) throw badFrames('after the head only chunks of the body are expected');
    bytes += chunk.length;
    if (size !== undefined && bytes > size) break;
    yield chunk;
  }
  if (size === undefined || bytes === size) return;
  throw badFrames(`the body has ${bytes > size ? 'more' : 'less'} than the ${size} bytes that were announced`);
}

function rangeOf({ start, end, suffix }: ObjectGet__Output): ObjectRange | undefined {
  if (suffix !== undefined) return { suffix: Number(suffix) };
  if (start === undefined && end === undefined) return undefined;
  return { start: Number(start ?? 0), end: end === undefined ? undefined : Number(end) };
}

function entryOf({ key, size, etag, lastModifiedMs }: ObjectEntry): ObjectInfo {
  return { key, size, etag, lastModifiedMs };
}

function infoOf(info: ObjectDescription): ObjectInfo {
  const { contentType, metadata } = info;
  return { ...entryOf(info), contentType, metadata: Object.entries(metadata).flat() };
}

function factsOf(operation: string, access: string): () => CallFacts {
  const facts = { operation, access, repeatable: true };
  return () => facts;
}

function noObject(key: string): BottleError {
  return new BottleError(Code.NOT_FOUND, 'no-object', `there is no object "${key}"`, { details: { key } });
}

function badFrames(message: string): BottleError {
  return new BottleError(Code.INVALID_ARGUMENT, 'bad-frames', message);
}

function badPresign(message: string): BottleError {
  return new BottleError(Code.INVALID_ARGUMENT, 'bad-presign', message);
}
