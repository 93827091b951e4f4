import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { defineFunction, type FaaSHttpContext } from 'bottle-sdk';

const pool = Buffer.alloc(64 * 1024);
/** Throws from whatever looks at it. */
const untouchable = (): unknown => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

const KINDS: Record<string, (ctx: FaaSHttpContext) => unknown> = {
  thrown: () => {
    throw untouchable();
  },
  thrownLate: async function* () {
    yield 'a';
    await delay(20);
    throw untouchable();
  },
  rejected: () => {
    void Promise.reject(untouchable());
    return delay(1_000, 'not this');
  },
  silent204: (ctx) => {
    ctx.status = 204;
    return new Readable({ read() {} });
  },
  returned: async function* (ctx) {
    ctx.status = 418;
    ctx.type = 'text/plain';
    yield 'tea';
  },
  pooled: async function* () {
    for (let at = 0; at < 100; at++) yield pool.fill(at);
  },
};

/** What it calls is nothing that the platform knows of: a generator is a result like any other. */
export const answer = defineFunction.http((ctx) => KINDS[ctx.params['kind'] ?? '']?.(ctx));
