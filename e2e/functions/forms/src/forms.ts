import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { defineFunction, type FaaSContext, type FormOptions, type FormRequest } from 'bottle-sdk';

/** What became of invocations whose clients do not get to know it, by the keys that the tests chose. */
const seenOf = new Map<string, string>();
const released = new Map<string, PromiseWithResolvers<void>>();

const releaseOf = (key = ''): PromiseWithResolvers<void> => {
  const release = released.get(key) ?? Promise.withResolvers<void>();
  released.set(key, release);
  return release;
};

/** Its fields and files in their order, files by what is in them. */
async function described(form: FormData): Promise<unknown[]> {
  const entries: unknown[] = [];
  for (const [name, value] of form)
    entries.push(typeof value === 'string' ? { name, value } : await fileOf(name, value));
  return entries;
}

async function fileOf(name: string, file: File): Promise<object> {
  const hash = createHash('sha256');
  for await (const chunk of file.stream()) hash.update(chunk);
  const isFile = file instanceof File;
  return { name, isFile, filename: file.name, type: file.type, size: file.size, sha256: hash.digest('hex') };
}

/** With the limits that the query names, if there is one. */
export const read = async (ctx: FaaSContext & { request: FormRequest; query?: object }): Promise<unknown> => {
  const limits = Object.entries(ctx.query ?? {}).map(([name, value]) => [name, Number(value)]);
  return described(await ctx.request.form(Object.fromEntries(limits) as FormOptions));
};

export const twice = defineFunction.http(async (ctx) => {
  const [first, second] = await Promise.all([ctx.request.form(), ctx.request.form({ maxBytes: 1 })]);
  return { same: first === second && first === (await ctx.request.form()) };
});

export const late = defineFunction.http<Readable>(async (ctx, body) => {
  for await (const chunk of body as AsyncIterable<Buffer>) void chunk;
  return described(await ctx.request.form());
});

/** The file itself. */
export const back = defineFunction.http(async (ctx) => (await ctx.request.form()).get('file'));

/** Reads the form, and goes on until it is released, whatever has become of its invocation by then. */
export const hold = defineFunction.http(async (ctx) => {
  const key = ctx.params['key'] ?? '';
  const note = (what: string): void => void seenOf.set(key, what);
  try {
    const form = await ctx.request.form();
    note('read');
    await releaseOf(key).promise;
    const file = form.get('file') as File;
    note(await file.slice(0, 4).text());
  } catch (error) {
    const { reason, name } = error as { reason?: string; name: string };
    note(reason ?? name);
    throw error;
  }
});

export const release = defineFunction.http((ctx) => releaseOf(ctx.params['key']).resolve());

export const seen = defineFunction.http((ctx) => seenOf.get(ctx.params['key'] ?? '') ?? '');
