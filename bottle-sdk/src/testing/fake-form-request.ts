import { Readable } from 'node:stream';
import type { FormRequest } from '../context.ts';
import { formRequest } from '../http-results/index.ts';

export interface FakeForm {
  /** Undefined: the body is the form. */
  form: FormData | undefined;
  contentType: string;
  body: unknown;
  signal: AbortSignal;
}

/** `form()` of a request that a test made: by the same parser and limits, with its files in memory. */
export function fakeFormRequest({ form, contentType, body, signal }: FakeForm): FormRequest {
  return formRequest(() => {
    if (!form) return { contentType, source: () => streamOf(body), signal, store: undefined };
    const encoded = new Response(form);
    const source = (): Readable => Readable.from(bytesOf(encoded));
    return { contentType: encoded.headers.get('content-type') ?? '', source, signal, store: undefined };
  });
}

/** The bytes of a body as a test gives it. */
function streamOf(body: unknown): Readable {
  if (body instanceof Readable) return body;
  if (typeof body === 'string' || body instanceof Uint8Array) return Readable.from([Buffer.from(body as string)]);
  return Readable.from([]);
}

async function* bytesOf(response: Response): AsyncGenerator<Buffer> {
  yield Buffer.from(await response.arrayBuffer());
}
