// For the end-to-end tests: what customers, and the people who deliver, do to a pod.
import type { Pod } from './start-pod.ts';

const TIMEOUT_MS = 20_000;

/** Sends JSON to a route. */
export async function sendJson(
  url: string,
  { method, body, headers }: { method: string; body: unknown; headers?: Readonly<Record<string, string>> },
): Promise<Response> {
  return await fetch(url, {
    method,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}

/** Puts items into a new cart; returns the cookie that carries it: "cart=…". */
export async function cartWith({ url }: Pod, quantities: Readonly<Record<string, number>>): Promise<string> {
  let cookie = '';
  for (const [id, quantity] of Object.entries(quantities)) {
    const item = `${url}/cart/items/${id}`;
    const response = await sendJson(item, { method: 'PUT', body: { quantity }, headers: { cookie } });
    if (!response.ok) throw new Error(`${id}: ${response.status} ${await response.text()}`);
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    await response.arrayBuffer();
  }
  return cookie;
}

/** A delivery, by way of the admin port. */
export async function restock({ adminUrl }: Pod, delivery: unknown): Promise<Response> {
  return await sendJson(`${adminUrl}/functions/restock/invoke`, { method: 'POST', body: delivery });
}

/** Server-sent events as they come, parsed. */
export async function* eventsOf(response: Response): AsyncGenerator<{ event: string; data: unknown }> {
  let text = '';
  for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const blocks = (text + part).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const fieldOf = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
      yield { event: fieldOf('event'), data: JSON.parse(fieldOf('data')) };
    }
  }
}
