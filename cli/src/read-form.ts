import { openAsBlob } from 'node:fs';
import { basename, resolve } from 'node:path';
import { type CommandContext, UsageError } from './command.ts';

/** A body for a request, and what it is. */
export interface RequestBody {
  contentType: string;
  bytes: Buffer;
}

/** The form that "name=value" and "name=@file" mean, as a browser sends it. Throws UsageError. */
export async function readForm(fields: readonly string[], { cwd }: CommandContext): Promise<RequestBody> {
  const form = new FormData();
  for (const field of fields) {
    const equals = field.indexOf('=');
    if (equals === -1) throw new UsageError(`--form is name=value or name=@file, not ${field}`);
    const [name, value] = [field.slice(0, equals), field.slice(equals + 1)];
    const file = value.startsWith('@') ? resolve(cwd, value.slice(1)) : undefined;
    if (file === undefined) form.append(name, value);
    else form.append(name, await openNamed(file), basename(file));
  }
  const encoded = new Response(form);
  return {
    contentType: encoded.headers.get('content-type') ?? '',
    bytes: Buffer.from(await encoded.arrayBuffer()),
  };
}

async function openNamed(file: string): Promise<Blob> {
  try {
    return await openAsBlob(file, { type: 'application/octet-stream' });
  } catch {
    throw new UsageError(`there is no file ${file} that can be read`);
  }
}
