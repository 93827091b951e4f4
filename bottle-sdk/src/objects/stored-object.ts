import { CallError, Code, type ObjectGetFrame__Output, type ObjectInfo__Output } from '@bottle/protos';

/** What a list says of an object. */
export interface ObjectEntry {
  readonly key: string;
  /** In bytes. */
  readonly size: number;
  /** With its quotes; another one whenever the content is another one. */
  readonly etag: string;
  readonly lastModified: Date;
}

/** All that there is to know of an object. */
export interface ObjectInfo extends ObjectEntry {
  readonly contentType: string;
  /** Names are in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** An object, or a part of it, whose bytes come as they are read. */
export interface StoredObject extends ObjectInfo {
  /** What `body` has of it: the first byte, and how many. */
  readonly range: { readonly start: number; readonly length: number };
  /** May be returned by a function. Breaks off with an error when not all of it comes. */
  readonly body: ReadableStream<Uint8Array>;
  bytes(): Promise<Uint8Array>;
  text(): Promise<string>;
  json<Value = unknown>(): Promise<Value>;
}

export function toEntry({ key, size, etag, lastModifiedMs }: ObjectInfo__Output): ObjectEntry {
  return { key, size: Number(size), etag, lastModified: new Date(Number(lastModifiedMs)) };
}

export function toInfo(info: ObjectInfo__Output): ObjectInfo {
  const { contentType, metadata } = info;
  const pairs = metadata.flatMap((name, at) => (at % 2 === 0 ? [[name, metadata[at + 1] ?? '']] : []));
  return { ...toEntry(info), contentType, metadata: Object.fromEntries(pairs) as Record<string, string> };
}

/** The object whose head has been read from the frames, and whose body has not. */
export function toStoredObject(
  { info, start, length }: NonNullable<ObjectGetFrame__Output['head']>,
  frames: AsyncGenerator<ObjectGetFrame__Output>,
): StoredObject {
  if (!info) throw new CallError(Code.INTERNAL, 'channel-protocol', 'the object has no description');
  const range = { start: Number(start), length: Number(length) };
  const body = toStream(frames, range.length);
  const whole = (): Response => new Response(body);
  return {
    ...toInfo(info),
    range,
    body,
    bytes: async () => new Uint8Array(await whole().arrayBuffer()),
    text: () => whole().text(),
    json: <Value>() => whole().json() as Promise<Value>,
  };
}

function toStream(frames: AsyncGenerator<ObjectGetFrame__Output>, length: number): ReadableStream<Uint8Array> {
  let left = length;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await frames.next();
        if (value?.chunk) {
          left -= value.chunk.length;
          controller.enqueue(value.chunk);
        } else if (done && left === 0) controller.close();
        else throw new CallError(Code.UNAVAILABLE, 'connection-lost', `${left} bytes of the object did not come`);
      },
      async cancel() {
        await frames.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
