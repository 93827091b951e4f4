// Request bodies, read in every form. What became of them is recorded: their clients are gone.
import { type Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { defineFunction } from 'bottle-sdk';
import { reasonOf, record } from './seen.ts';

const web = (body: Readable): ReadableStream => body as unknown as ReadableStream;
const responseOf = (body: Readable, type = 'text/plain'): Response =>
  new Response(web(body), { headers: { 'content-type': type } });

const CONSUMERS: Record<string, (body: Readable) => Promise<unknown>> = {
  pipeline: (body) => pipeline(body, new Writable({ write: (_chunk, _encoding, done) => done() })),
  iterator: (body) => Array.fromAsync(body as AsyncIterable<Buffer>),
  web: async (body) => {
    const { Readable: NodeReadable } = await import('node:stream');
    const reader = (NodeReadable.toWeb(body) as ReadableStream<Uint8Array>).getReader();
    for (;;) if ((await reader.read()).done) return;
  },
  text: (body) => responseOf(body).text(),
  form: (body) => responseOf(body, 'multipart/form-data; boundary=b').formData(),
  events: (body) =>
    new Promise((resolve, reject) => {
      body.on('error', reject).on('end', resolve).resume();
    }),
  // Reads nothing before the client has left.
  late: async (body) => {
    await delay(300);
    return Array.fromAsync(body as AsyncIterable<Buffer>);
  },
};

export const upload = defineFunction.http<Readable>(async (ctx, body) => {
  const ending = await (CONSUMERS[ctx.params['consumer'] ?? '']?.(body) ?? Promise.resolve()).then(
    () => 'whole',
    (error: unknown) => `throws ${reasonOf(error)}`,
  );
  const reason = ctx.signal.aborted ? `, aborted by ${reasonOf(ctx.signal.reason)}` : '';
  record(String(ctx.query['key']), ending + reason);
  return ending;
});

/** The body as it comes. */
export const echo = defineFunction.http<Readable>((ctx, body) => {
  body.once('close', () => record(String(ctx.query['key']), `closed, aborted by ${reasonOf(ctx.signal.reason)}`));
  return body;
});

export const collected = defineFunction.http((ctx, body) => {
  record(String(ctx.query['key']), 'invoked');
  return { bytes: Buffer.from(String(body)).length };
});
