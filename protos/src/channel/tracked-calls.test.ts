import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { Client } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { trackCalls } from './tracked-calls.ts';

it('cancels calls in their order, a few in each turn of the event loop', async () => {
  const cancelled: number[] = [];
  let made = 0;
  class OneMethod {
    makeBidiStreamRequest(): EventEmitter & { cancel(): void } {
      const at = made++;
      return Object.assign(new EventEmitter(), { cancel: () => void cancelled.push(at) });
    }
  }
  const client = new OneMethod();
  trackCalls(client as unknown as Client, () => {});
  const calls = Array.from({ length: 100 }, () => client.makeBidiStreamRequest());
  for (const call of calls) call.cancel();
  const perTurn = [cancelled.length];
  for (let before = cancelled.length; cancelled.length < calls.length && perTurn.length < 100; ) {
    await turn();
    perTurn.push(cancelled.length - before);
    before = cancelled.length;
  }
  expect(cancelled).toEqual(calls.map((_, at) => at));
  expect(Math.max(...perTurn)).toBeLessThanOrEqual(32);
});
