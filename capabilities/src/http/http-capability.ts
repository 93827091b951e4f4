import {
  BottleError,
  Code,
  framesUntilEnd,
  type HttpFetchFrame,
  type HttpFetchFrame__Output,
  type HttpFetchRequest__Output,
} from '@bottle/protos';
import type { Capability, StreamMethod } from '../capability.ts';
import type { HttpDriver, RedirectMode } from './http-port.ts';

/** Longest chunk of a body in one message. */
const MAX_CHUNK_BYTES = 64 * 1024;

const fetch: StreamMethod<HttpDriver, HttpFetchFrame__Output, HttpFetchFrame> = {
  kind: 'stream',
  facts: { operation: 'fetch', access: 'fetch', repeatable: false },
  async *serve(driver, frames, call) {
    const iterator = framesUntilEnd(frames);
    const first = await iterator.next();
    const request = first.done ? undefined : first.value.request;
    if (!request) throw badFrames('a fetch begins with its request');
    const { method, url, headers } = request;
    const body = request.hasBody ? chunksOf(iterator) : undefined;
    const answer = await driver.fetch({ method, url, headers, redirect: redirectOf(request), body }, call);
    const { status, statusText, redirected } = answer;
    yield { response: { status, statusText, headers: [...answer.headers], url: answer.url, redirected } };
    for await (const bytes of answer.body ?? []) {
      for (let at = 0; at < bytes.length; at += MAX_CHUNK_BYTES) {
        yield { chunk: bytes.subarray(at, at + MAX_CHUNK_BYTES) };
      }
    }
  },
};

/** HTTP upstreams; who may use one may send it any request. */
export const httpCapability: Capability<HttpDriver> = {
  name: 'http',
  accesses: ['fetch'],
  methods: { fetch },
};

async function* chunksOf(frames: AsyncGenerator<HttpFetchFrame__Output>): AsyncGenerator<Uint8Array> {
  for (;;) {
    const next = await frames.next();
    if (next.done) return;
    if (!next.value.chunk) throw badFrames('after the request only chunks of its body are expected');
    yield next.value.chunk;
  }
}

function redirectOf({ redirect }: HttpFetchRequest__Output): RedirectMode {
  if (redirect === '' || redirect === 'follow') return 'follow';
  if (redirect === 'error' || redirect === 'manual') return redirect;
  throw badFrames(`"${redirect}" is none of follow, error and manual`);
}

function badFrames(message: string): BottleError {
  return new BottleError(Code.INVALID_ARGUMENT, 'bad-frames', message);
}
