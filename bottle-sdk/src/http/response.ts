import type { HttpFetchResponse__Output } from '@bottle/protos';

/** Statuses whose responses have no body (Fetch standard, "null body status"). */
const NULL_BODY = new Set([204, 205, 304]);

/** Chunks of a body, and what ends them early. */
export interface BodySource {
  /** The next chunk; undefined at the end. */
  next(): Promise<Uint8Array | undefined>;
  cancel(): void;
}

/** A standard response whose body is read no faster than its consumer takes it. */
export function toResponse(head: HttpFetchResponse__Output, source: BodySource): Response {
  const { status, statusText, url, redirected } = head;
  const headers = new Headers();
  for (let at = 0; at < head.headers.length; at += 2)
    headers.append(head.headers[at] ?? '', head.headers[at + 1] ?? '');
  const hasBody = !NULL_BODY.has(status);
  if (!hasBody) source.cancel();
  return withOrigin(new Response(hasBody ? toStream(source) : null, { status, statusText, headers }), url, redirected);
}

function toStream(source: BodySource): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = await source.next();
        if (chunk) controller.enqueue(chunk);
        else controller.close();
      },
      cancel: () => source.cancel(),
    },
    { highWaterMark: 0 },
  );
}

/** The constructor of Response leaves these two empty. */
function withOrigin(response: Response, url: string, redirected: boolean): Response {
  const clone = response.clone.bind(response);
  return Object.defineProperties(response, {
    url: { value: url },
    redirected: { value: redirected },
    clone: { value: () => withOrigin(clone(), url, redirected) },
  });
}
