import type { Outcome } from '../layer.ts';
import { MAX_KEPT_BYTES } from './stored-answer.ts';

/**
 * The same outcome, whose body is recorded while it passes. `onBody` runs once, before the receiver can know that the
 * body is complete: with the whole body, or with undefined when it is larger than MAX_KEPT_BYTES. It does not run for a
 * body that breaks off.
 */
export async function recorded(
  outcome: Outcome,
  onBody: (body: Buffer | undefined) => Promise<void>,
): Promise<Outcome> {
  const { response, stream } = outcome;
  if (!stream) {
    const { body } = response;
    await onBody(body.length <= MAX_KEPT_BYTES ? body : undefined);
    return outcome;
  }
  const declaredBytes = declaredLength(response.http?.headers ?? []);
  const source = stream.chunks;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    let kept: Uint8Array[] | undefined = [];
    let length = 0;
    let isTold = false;
    const tell = async (): Promise<void> => {
      if (isTold) return;
      isTold = true;
      await onBody(kept && Buffer.concat(kept));
    };
    for await (const chunk of source) {
      length += chunk.length;
      if (length <= MAX_KEPT_BYTES) kept?.push(Buffer.from(chunk));
      else kept = undefined;
      if (length === declaredBytes) await tell();
      yield chunk;
    }
    await tell();
  }
  return { response, stream: { chunks: chunks(), cancel: () => stream.cancel() } };
}

/** Undefined when the function did not say. */
function declaredLength(headers: readonly string[]): number | undefined {
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() === 'content-length') return Number(headers[index + 1]);
  }
  return undefined;
}
