import { BottleError, CallError, Code, definitionOf, type ObjectPutFrame } from '@bottle/protos';
import { type Duration, toMs } from '../duration.ts';
import { bodyFrames } from '../body-frames.ts';
import { FrameSender } from '../frame-sender.ts';
import type { CallOptions, ResourceCalls } from '../resource-calls.ts';
import { type ObjectBody, readObjectBody } from './object-body.ts';
import {
  type ObjectEntry,
  type ObjectInfo,
  type StoredObject,
  toEntry,
  toInfo,
  toStoredObject,
} from './stored-object.ts';

export interface PutOptions extends CallOptions {
  /** @default 'application/octet-stream' */
  contentType?: string;
  /** Of your own: letters, digits and "-" name printable ASCII; at most 2 KiB. Names become lower case. */
  metadata?: Readonly<Record<string, string>>;
  /** Throws ALREADY_EXISTS (`object-exists`) when there is an object under this key. @default false */
  ifAbsent?: boolean;
  /** Bytes of a body that streams, where that is known: an S3 store then takes larger ones. */
  size?: number;
}

export interface GetOptions extends CallOptions {
  /** First and last byte, both included, or so many bytes at the end. @default all */
  range?: { start: number; end?: number } | { last: number };
}

export interface ListOptions extends CallOptions {
  /** What keys begin with. @default all */
  prefix?: string;
  /** That of the page before. */
  cursor?: string;
  /** Most objects of a page, up to 1000. @default 1000 */
  limit?: number;
}

export interface PresignOptions extends CallOptions {
  /** What whoever has the URL may do. @default 'get' */
  method?: 'get' | 'put';
  /** How long it holds, up to seven days. @default '15m' */
  expiresIn?: Duration;
  /** Of a put: the content type that must be sent with it. @default any */
  contentType?: string;
}

/** A page of a list. */
export interface ObjectPage {
  objects: ObjectEntry[];
  /** Of the next page; undefined: this is the last one. */
  cursor: string | undefined;
}

const DEFAULT_EXPIRES = '15m';

/** One resource of objects: bytes under names. */
export class ObjectsClient {
  readonly #calls: ResourceCalls;
  readonly #methods = definitionOf('objects');

  constructor(calls: ResourceCalls) {
    this.#calls = calls;
  }

  /** Stores an object, or replaces it: others see all of it, or nothing. A body that breaks off stores nothing. */
  async put(key: string, body: ObjectBody, options: PutOptions = {}): Promise<ObjectInfo> {
    const { contentType = '', metadata = {}, ifAbsent = false, signal, timeoutMs } = options;
    const { size: own, bytes } = readObjectBody(body);
    const size = options.size === undefined ? own : assertSize(options.size);
    const frames = bodyFrames(bytes);
    const stream = this.#calls.stream(this.#methods.Put, { signal, timeoutMs });
    const head = { key: whole(key), contentType, metadata: Object.entries(metadata).flat(), ifAbsent };
    const upload = new FrameSender<ObjectPutFrame>(stream, frames);
    void upload.start({ head: size === undefined ? head : { ...head, size }, marksEnd: true });
    try {
      for await (const stored of stream) return toInfo(stored);
      throw new CallError(Code.UNAVAILABLE, 'connection-lost', 'the sidecar did not say what it stored');
    } catch (error) {
      throw upload.failure ?? error;
    } finally {
      upload.stop();
      stream.cancel();
    }
  }

  /** An object, or a part of it, whose body streams. Throws NOT_FOUND (`no-object`) where there is none. */
  async get(key: string, { range, signal, timeoutMs }: GetOptions = {}): Promise<StoredObject> {
    const part = partOf(range);
    const frames = this.#calls.answers(this.#methods.Get, { key: whole(key), ...part }, { signal, timeoutMs });
    const first = await frames.next();
    const head = first.done ? undefined : first.value.head;
    if (head) return toStoredObject(head, frames);
    throw new CallError(Code.UNAVAILABLE, 'connection-lost', 'the sidecar ended the call');
  }

  /** What there is to know of an object; undefined where there is none. */
  async head(key: string, options?: CallOptions): Promise<ObjectInfo | undefined> {
    try {
      return toInfo(await this.#calls.unary(this.#methods.Head, { key: whole(key) }, options));
    } catch (error) {
      if (error instanceof BottleError && error.reason === 'no-object') return undefined;
      throw error;
    }
  }

  /** A page of objects, in the order of their keys. */
  async list({ prefix = '', cursor = '', limit = 0, signal, timeoutMs }: ListOptions = {}): Promise<ObjectPage> {
    const page = await this.#calls.unary(this.#methods.List, { prefix, cursor, limit }, { signal, timeoutMs });
    return { objects: page.objects.map(toEntry), cursor: page.cursor === '' ? undefined : page.cursor };
  }

  /** All objects, page by page as they are asked for. */
  async *all(options: Omit<ListOptions, 'cursor'> = {}): AsyncGenerator<ObjectEntry> {
    let cursor: string | undefined;
    do {
      const page: ObjectPage = await this.list(cursor === undefined ? options : { ...options, cursor });
      yield* page.objects;
      cursor = page.cursor;
    } while (cursor !== undefined);
  }

  /** Removes an object; nothing happens when there is none. */
  async delete(key: string, options?: CallOptions): Promise<void> {
    await this.#calls.unary(this.#methods.Delete, { key: whole(key) }, options);
  }

  /** A URL for somebody without a bottle. Throws UNIMPLEMENTED (`no-presign`) where the driver has none: a directory. */
  async presign(key: string, options: PresignOptions = {}): Promise<string> {
    const { method = 'get', expiresIn = DEFAULT_EXPIRES, contentType = '', signal, timeoutMs } = options;
    const request = {
      key: whole(key),
      method: method.toUpperCase(),
      expiresSec: Math.ceil(toMs(expiresIn) / 1_000),
      contentType,
    };
    return (await this.#calls.unary(this.#methods.Presign, request, { signal, timeoutMs })).url;
  }
}

/** On the wire half a character would become another one, and two keys one. */
function whole(key: string): string {
  if (key.isWellFormed()) return key;
  throw new CallError(
    Code.INVALID_ARGUMENT,
    'bad-key',
    'the key of an object is text, and has no half of a character in it',
  );
}

function assertSize(size: number): number {
  if (isCount(size)) return size;
  throw new CallError(
    Code.INVALID_ARGUMENT,
    'bad-frames',
    `${size} is not the size of an object: a whole number of bytes`,
  );
}

function partOf(range: GetOptions['range']): { start?: number; end?: number; suffix?: number } {
  if (!range) return {};
  if (!Object.values(range).every((bound) => bound === undefined || isCount(bound)))
    throw new CallError(Code.OUT_OF_RANGE, 'bad-range', 'a range is made of whole numbers of bytes');
  return 'last' in range ? { suffix: range.last } : { ...range };
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
