import { Readable } from 'node:stream';
import { BottleError, Code } from '@bottle/protos';
import { badForm, notAForm } from './form-errors.ts';
import { type FormOptions, resolveFormLimits } from './form-options.ts';
import { parseHeaderValue } from './header-parameters.ts';
import type { FileStore } from './part-content.ts';
import { readMultipart } from './read-multipart.ts';
import { readUrlencoded } from './read-urlencoded.ts';

/** RFC 2046, 5.1.1. */
const MAX_BOUNDARY_LENGTH = 70;

/** A body that may be a form. */
export interface FormBody {
  contentType: string;
  /** Called once. */
  source(): Readable;
  /** Ends the reading. */
  signal: AbortSignal;
  /** Where files above 1 MB go; undefined: they stay in memory. */
  store: FileStore | undefined;
}

/** See `FaaSRequest.form`. */
export async function readForm(
  { contentType, source, signal, store }: FormBody,
  options: FormOptions,
): Promise<FormData> {
  const limits = resolveFormLimits(options);
  const { value, parameters } = parseHeaderValue(contentType) ?? { value: '', parameters: new Map<string, string>() };
  if (value !== 'multipart/form-data' && value !== 'application/x-www-form-urlencoded') throw notAForm(contentType);
  const boundary = parameters.get('boundary') ?? '';
  if (value === 'multipart/form-data' && (boundary === '' || boundary.length > MAX_BOUNDARY_LENGTH)) {
    throw badForm('the content type of the form has no boundary of 1 to 70 characters');
  }
  const body = source();
  if (Readable.isDisturbed(body)) {
    const message = 'the body of the request has been read already: form() comes first, or instead';
    throw new BottleError(Code.INTERNAL, 'body-already-read', message);
  }
  const onAbort = (): void => void body.on('error', () => {}).destroy(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await (value === 'multipart/form-data'
      ? readMultipart(body, boundary, limits, store)
      : readUrlencoded(body, parameters.get('charset') ?? 'utf-8', limits));
  } catch (error) {
    // Whoever reads a stream that breaks off gets several errors in one.
    throw error instanceof BottleError ? error : (body.errored ?? error);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
