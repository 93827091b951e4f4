import type { TestPod } from '../../harness/pod.ts';

const PAUSE_MS = 100;

/** Publishes at a rate, in packs, through a function of the pod; resolves with how many messages the queue has taken. */
export async function publishFor(
  pod: TestPod,
  { rate, durationMs }: { rate: number; durationMs: number },
): Promise<number> {
  const startedAt = performance.now();
  let published = 0;
  for (let elapsedMs = 0; elapsedMs < durationMs; elapsedMs = performance.now() - startedAt) {
    const due = Math.floor((Math.min(elapsedMs + PAUSE_MS, durationMs) / 1_000) * rate);
    if (due > published && (await publish(pod, 'work', { from: published, count: due - published }))) published = due;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return published;
}

/** False: it was refused before it began, and may come again. */
export async function publish(
  pod: TestPod,
  topic: string,
  messages: { from: number; count: number },
): Promise<boolean> {
  const response = await fetch(`${pod.url}/publish/${topic}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(messages),
  });
  const answer = (await response.json()) as { details?: { started?: boolean } };
  if (response.ok) return true;
  if (response.status === 503 && answer.details?.started === false) return false;
  throw new Error(`publish: ${JSON.stringify(answer)}`);
}
