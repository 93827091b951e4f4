import type { FaaSHttpContext } from 'bottle-sdk';
import { setTimeout as delay } from 'node:timers/promises';

const LINE = 'said '.repeat(100);

export function say(ctx: FaaSHttpContext): string {
  const lines = Number(ctx.query['lines'] ?? 1);
  for (let line = 0; line < lines; line++) console.log(LINE);
  return 'said';
}

/** Ends what is everybody's. */
export async function end(): Promise<string> {
  const ended = new Promise<void>((resolve) => process.stdout.end('the last word', resolve));
  process.stderr.destroy();
  await ended;
  return 'ended';
}

/** A character in two pieces. */
export async function halves(): Promise<string> {
  const [first, second] = [Buffer.from('grüße\n').subarray(0, 3), Buffer.from('grüße\n').subarray(3)];
  process.stdout.write(first);
  await delay(1);
  process.stdout.write(second);
  return 'written';
}
