import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { BottleError, type HttpBody, type HttpClient } from 'bottle-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../harness/pod.ts';
import { type Echo, startUpstream, type UpstreamServer } from './http-server.ts';
import type { ContractTarget } from './target.ts';

const MIB = 1024 * 1024;

export interface HttpContractOptions {
  /** Memory of the process that carries the bodies, in bytes; undefined where there is none but this one. */
  residentBytes?: (target: ContractTarget) => number;
}

/** What every http driver does, seen through the SDK. `open` gets the upstream's base URL; the resource is `contract`. */
export function describeHttpContract(
  title: string,
  open: (baseUrl: string) => Promise<ContractTarget>,
  { residentBytes }: HttpContractOptions = {},
): void {
  describe(`http contract: ${title}`, () => {
    let upstream: UpstreamServer;
    let target: ContractTarget;
    let api: HttpClient;
    beforeAll(async () => {
      upstream = await startUpstream();
      target = await open(`${upstream.url}/base`);
      api = target.bottle.http('contract');
    });
    afterAll(async () => {
      await target?.close();
      await upstream?.close();
    });
    const echo = async (path: string, init?: Parameters<HttpClient['fetch']>[1]): Promise<Echo> =>
      (await (await api.fetch(path, init)).json()) as Echo;

    describe('requests', () => {
      it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('sends %s', async (method) => {
        expect((await echo('/echo?a=1', { method })).method).toBe(method);
      });
      it('looks a path up below the base URL, with its query', async () => {
        expect((await echo('/echo?a=%2F&b=ü')).url).toBe('/base/echo?a=%2F&b=%C3%BC');
        expect((await echo('echo')).url).toBe('/base/echo');
      });
      it('sends the headers it was given, and no others of this function', async () => {
        const { headers } = await echo('/echo', { headers: { 'X-Own': 'yes', accept: 'text/x' } });
        const sent = Object.fromEntries(pairs(headers));
        expect(sent).toMatchObject({ 'x-own': 'yes', accept: 'text/x' });
        expect(sent).not.toHaveProperty('bottle-resource');
      });
      it('keeps every byte of a body, from none to 16 MiB', async () => {
        for (const size of [0, 1, 64 * 1024, 64 * 1024 + 1, 16 * MIB]) {
          const body = bytesOf(size);
          const answer = Buffer.from(await (await api.fetch('/bytes', { method: 'POST', body })).arrayBuffer());
          expect(answer.equals(body)).toBe(true);
        }
      });
      it('takes text, URLSearchParams, FormData, Blob, a stream and an async iterable as body', async () => {
        async function* chunks(): AsyncGenerator<Uint8Array | string> {
          yield 'ab';
          yield Buffer.from('cd');
        }
        const post = (body: HttpBody) => api.fetch('/bytes', { method: 'POST', body });
        expect(await (await post('äöü 😀')).text()).toBe('äöü 😀');
        expect(await (await post(new URLSearchParams({ a: 'b c' }))).text()).toBe('a=b+c');
        expect(await (await post(new Blob(['blob']))).text()).toBe('blob');
        expect(await (await post(chunks())).text()).toBe('abcd');
        expect(await (await post(ReadableStream.from([Buffer.from('stream')]))).text()).toBe('stream');
        const form = new FormData();
        form.set('field', 'value');
        expect(await (await post(form)).text()).toContain('name="field"\r\n\r\nvalue');
      });
      it('names the media type that belongs to the body', async () => {
        const typeOf = async (body: HttpBody) =>
          Object.fromEntries(pairs((await echo('/echo', { method: 'POST', body })).headers))['content-type'];
        expect(await typeOf('text')).toBe('text/plain;charset=UTF-8');
        expect(await typeOf(new URLSearchParams('a=b'))).toBe('application/x-www-form-urlencoded;charset=UTF-8');
        expect(await typeOf(new FormData())).toMatch(/^multipart\/form-data; boundary=/);
      });
      it('takes a Request, and may be passed wherever a fetch is expected', async () => {
        const { fetch }: { fetch: typeof globalThis.fetch } = api;
        const request = new Request(`${upstream.url}/base/echo`, {
          method: 'PUT',
          body: 'x',
          headers: { 'x-own': '1' },
        });
        expect((await (await fetch(request)).json()) as Echo).toMatchObject({ method: 'PUT', bytes: 1 });
        expect((await fetch(new URL(`${upstream.url}/base/echo`))).status).toBe(200);
      });
      it('throws TypeError for what is no request, as fetch does', async () => {
        await expect(api.fetch('/echo', { method: 'GET', body: 'x' })).rejects.toBeInstanceOf(TypeError);
        await expect(api.fetch('/echo', { headers: { 'bad name': 'x' } })).rejects.toBeInstanceOf(TypeError);
      });
    });

    describe('answers', () => {
      it('keeps status, text, and headers with their repeats', async () => {
        const teapot = await api.fetch('/status?code=418&text=short');
        expect(teapot).toMatchObject({ status: 418, statusText: 'short', ok: false, redirected: false });
        const { headers } = await api.fetch('/headers');
        expect(headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2']);
        expect(headers.get('x-many')).toBe('one, two');
        expect(headers.get('x-latin')).toBe('café');
      });
      it.each([204, 304])('has no body for %i', async (status) => {
        const response = await api.fetch(`/status?code=${status}`);
        expect(response.status).toBe(status);
        expect(response.body).toBeNull();
      });
      it('has an empty body for HEAD and for an empty answer', async () => {
        expect(await (await api.fetch('/headers', { method: 'HEAD' })).text()).toBe('');
        expect(await (await api.fetch('/status?code=200')).text()).toBe('');
      });
      it('undoes compression', async () => {
        expect(await (await api.fetch('/gzip')).text()).toBe('compressed '.repeat(1_000));
      });
      it('can be cloned', async () => {
        const response = await api.fetch('/headers');
        const clone = response.clone();
        expect(await clone.text()).toBe(await response.text());
        expect(clone.url).toBe(response.url);
      });
      it('breaks a body off with an error when the upstream does', async () => {
        const response = await api.fetch('/cut');
        await expect(response.text()).rejects.toBeInstanceOf(Error);
      });
      it('answers although the request’s body was not wanted', async () => {
        const response = await api
          .fetch('/early', { method: 'POST', body: bytesOf(8 * MIB) })
          .catch((error: unknown) => error);
        // The upstream closes on what it does not read: either its answer was faster, or the reset was.
        expect(response instanceof BottleError ? 413 : (response as Response).status).toBe(413);
      });
    });

    describe('json', () => {
      it('sends and parses JSON', async () => {
        const answer = await api.json<Echo>('/echo', { json: { a: 1 } });
        expect(answer).toMatchObject({ method: 'POST', bytes: 7 });
        expect(Object.fromEntries(pairs(answer.headers))).toMatchObject({
          'content-type': 'application/json',
          accept: 'application/json',
        });
      });
      it('throws what any status but 2xx means', async () => {
        const failed = api.json('/status?code=404&body=gone');
        await expect(failed).rejects.toMatchObject({
          code: 'NOT_FOUND',
          reason: 'http-status',
          details: { status: 404 },
          httpStatus: 502,
        });
        expect(((await failed.catch((error: unknown) => error)) as BottleError).cause).toMatchObject({
          message: 'gone',
        });
      });
      it('is undefined for an empty answer', async () => {
        expect(await api.json('/status?code=204')).toBeUndefined();
      });
    });

    describe('streams', () => {
      it('uploads 50 MiB as they come', async () => {
        const hash = createHash('sha256');
        const before = residentBytes?.(target) ?? 0;
        async function* body(): AsyncGenerator<Uint8Array> {
          for (let at = 0; at < 50; at++) {
            const chunk = bytesOf(MIB);
            hash.update(chunk);
            yield chunk;
          }
        }
        const answer = await echo('/echo', { method: 'POST', body: body() });
        expect(answer).toMatchObject({ bytes: 50 * MIB, sha256: hash.digest('hex') });
        expect((residentBytes?.(target) ?? 0) - before).toBeLessThan(64 * MIB);
      });
      it('downloads 50 MiB as they come', async () => {
        const before = residentBytes?.(target) ?? 0;
        let bytes = 0;
        for await (const chunk of (await api.fetch('/download?mib=50')).body ?? []) bytes += chunk.length;
        expect(bytes).toBe(50 * MIB);
        expect((residentBytes?.(target) ?? 0) - before).toBeLessThan(64 * MIB);
      });
      it('stops the upstream while nobody reads', async () => {
        const before = upstream.bytesTaken;
        const response = await api.fetch('/download?mib=200');
        await delay(300);
        const taken = upstream.bytesTaken - before;
        await delay(300);
        expect(upstream.bytesTaken - before - taken).toBeLessThan(MIB);
        expect(taken).toBeLessThan(40 * MIB);
        await response.body?.cancel();
      });
      it('gives the answer’s first part while the request is still being sent', async () => {
        const more = Promise.withResolvers<undefined>();
        async function* body(): AsyncGenerator<Uint8Array> {
          yield Buffer.from('first');
          await more.promise;
          yield Buffer.from('second');
        }
        const response = await api.fetch('/bytes', { method: 'POST', body: body() });
        const reader = response.body?.getReader();
        expect(Buffer.from((await reader?.read())?.value ?? '').toString()).toBe('first');
        more.resolve(undefined);
        expect(Buffer.from((await reader?.read())?.value ?? '').toString()).toBe('second');
        expect((await reader?.read())?.done).toBe(true);
      });
      it('fails with what the request’s body threw, and breaks the request off', async () => {
        async function* body(): AsyncGenerator<Uint8Array> {
          yield Buffer.from('first');
          throw new RangeError('the source is broken');
        }
        await expect(api.fetch('/echo', { method: 'POST', body: body() })).rejects.toThrow('the source is broken');
      });
    });

    describe('redirects', () => {
      const to = (path: string, status: number): string => `/redirect?status=${status}&to=${encodeURIComponent(path)}`;
      it('are followed, and the response says where to', async () => {
        const response = await api.fetch(to('/base/echo?x=1', 302));
        expect(response).toMatchObject({ status: 200, redirected: true, url: `${upstream.url}/base/echo?x=1` });
      });
      it.each([
        [301, 'POST', 'GET', 0],
        [302, 'POST', 'GET', 0],
        [303, 'PUT', 'GET', 0],
        [302, 'PUT', 'PUT', 4],
        [307, 'POST', 'POST', 4],
        [308, 'POST', 'POST', 4],
      ])('of status %i turn %s into %s, as fetch does', async (status, method, became, bytes) => {
        expect(await echo(to('/base/echo', status), { method, body: 'body' })).toMatchObject({ method: became, bytes });
      });
      it('are the answer itself with "manual"', async () => {
        const response = await api.fetch(to('/base/echo', 302), { redirect: 'manual' });
        expect(response.status).toBe(302);
        expect(response.headers.get('location')).toBe('/base/echo');
      });
      it('are an error with "error", and in a circle', async () => {
        await expect(api.fetch(to('/base/echo', 302), { redirect: 'error' })).rejects.toBeInstanceOf(Error);
        await expect(api.fetch('/circle')).rejects.toBeInstanceOf(Error);
      });
    });

    describe('giving up', () => {
      it('rejects with the signal’s reason before the answer, and the upstream notices', async () => {
        const before = upstream.aborted;
        const controller = new AbortController();
        const pending = api.fetch('/hang', { signal: controller.signal });
        setTimeout(() => controller.abort(), 100);
        await expect(pending).rejects.toMatchObject({ name: 'AbortError' });
        await waitFor(() => upstream.aborted > before, 5_000);
      });
      it('rejects at once when the signal has aborted already', async () => {
        const before = upstream.requests.length;
        await expect(api.fetch('/echo', { signal: AbortSignal.abort(new Error('mine')) })).rejects.toThrow('mine');
        expect(upstream.requests.length).toBe(before);
      });
      it('breaks the body off in the middle', async () => {
        const before = upstream.aborted;
        const controller = new AbortController();
        const response = await api.fetch('/drip', { signal: controller.signal });
        const text = response.text();
        controller.abort();
        await expect(text).rejects.toMatchObject({ name: 'AbortError' });
        await waitFor(() => upstream.aborted > before, 5_000);
      });
      it('breaks the request off when the response is not wanted', async () => {
        const before = upstream.aborted;
        const response = await api.fetch('/drip');
        await response.body?.cancel();
        await waitFor(() => upstream.aborted > before, 5_000);
        expect(upstream.aborted).toBe(before + 1);
      });
      it('keeps the deadline that a signal sets', async () => {
        const startedAt = performance.now();
        await expect(api.fetch('/hang', { signal: AbortSignal.timeout(200) })).rejects.toMatchObject({
          name: 'TimeoutError',
        });
        expect(performance.now() - startedAt).toBeLessThan(2_000);
      });
    });

    describe('paths that leave the base URL', () => {
      it.each([
        '//evil.example/x',
        '/\\evil.example',
        '/../secret',
        '/%2e%2e/secret',
        '/a/..%2f..%2f..%2fsecret',
        'file:///etc/passwd',
      ])('refuses %j', async (path) => {
        const before = upstream.requests.length;
        await expect(api.fetch(path)).rejects.toMatchObject({ code: 'PERMISSION_DENIED', reason: 'egress-denied' });
        expect(upstream.requests.length).toBe(before);
      });
    });
  });
}

/** Alternating name and value as pairs, names in lower case. */
export function pairs(list: readonly string[]): [string, string][] {
  return list.flatMap((name, at) =>
    at % 2 === 0 ? [[name.toLowerCase(), list[at + 1] ?? ''] as [string, string]] : [],
  );
}

function bytesOf(size: number): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at++) bytes[at] = (at * 31) & 255;
  return bytes;
}
