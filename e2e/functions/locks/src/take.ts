import { setTimeout as delay } from 'node:timers/promises';
import { bottle, defineFunction } from 'bottle-sdk';

export interface Take {
  name: string;
  ending: 'returns' | 'throws' | 'tidies up' | 'goes on' | 'streams';
}

/** Takes a lock for long, does not give it back, and ends as it is told. */
export const take = defineFunction.http<Take>(async (ctx, { name, ending }) => {
  const lock = await bottle.lock('orders').acquire(name, { lease: '60s' });
  ctx.logger.info({ name, ending }, 'taken');
  const givenUp = new Promise((resolve) => lock.signal.addEventListener('abort', resolve));
  if (ending === 'returns') return { token: lock.fencingToken };
  if (ending === 'throws') throw new Error('thrown');
  if (ending === 'streams') return rows();
  await givenUp;
  const { isHeld, signal } = lock;
  ctx.logger.info({ name, isHeld, why: String(signal.reason) }, 'given up');
  await delay(ending === 'goes on' ? 60_000 : 400);
  ctx.logger.info({ name }, 'tidied up');
  return {};
});

async function* rows(): AsyncGenerator<string> {
  for (let row = 0; row < 5; row++) {
    yield `row ${row}\n`;
    await delay(100);
  }
}

/** Waits for a lock, and says when it had it. */
export const next = defineFunction.http(async (ctx) => {
  await using lock = await bottle.lock('orders').acquire(ctx.params['name'] ?? '', { wait: '30s' });
  return { token: lock.fencingToken, at: Date.now() };
});
