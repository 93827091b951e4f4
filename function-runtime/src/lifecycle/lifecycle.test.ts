import type { FaaSContext, RuntimeInfo } from 'bottle-sdk';
import { describe, expect, it } from 'vitest';
import { Lifecycle } from './lifecycle.ts';

const runtime: RuntimeInfo = { service: 's', projectDir: '/', functions: [], logger: console };
const ctx = { requestId: 'r' } as FaaSContext;

describe('Lifecycle', () => {
  it('runs hooks in the order of registration, those of Close in reverse', async () => {
    const lifecycle = new Lifecycle();
    const seen: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      lifecycle.engine.addRuntimeExtension({
        beforeRuntimeStart: () => void seen.push(`start ${name}`),
        beforeInvoke: async () => void seen.push(`invoke ${name}`),
        beforeClose: () => void seen.push(`close ${name}`),
      });
    }
    await lifecycle.runStart('beforeRuntimeStart', runtime);
    await lifecycle.runBeforeInvoke(ctx);
    await lifecycle.runClose('beforeClose', runtime);
    expect(seen).toEqual([
      'start a',
      'start b',
      'start c',
      'invoke a',
      'invoke b',
      'invoke c',
      'close c',
      'close b',
      'close a',
    ]);
  });
  it('runs every afterInvoke hook once, though one of them throws', async () => {
    const lifecycle = new Lifecycle();
    const seen: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      lifecycle.engine.addRuntimeExtension({
        afterInvoke() {
          seen.push(name);
          if (name !== 'a') throw new Error(name);
        },
      });
    }
    await expect(lifecycle.runAfterInvoke(ctx, undefined)).rejects.toThrow('b');
    expect(seen).toEqual(['a', 'b', 'c']);
  });
  it('runs every close hook though one throws, and says what was thrown', async () => {
    const lifecycle = new Lifecycle();
    const seen: string[] = [];
    lifecycle.engine.addRuntimeExtension({ afterClose: () => void seen.push('first') });
    lifecycle.engine.addRuntimeExtension({ afterClose: () => Promise.reject(new Error('second')) });
    expect(await lifecycle.runClose('afterClose', runtime)).toEqual([new Error('second')]);
    expect(seen).toEqual(['first']);
  });
  it('gives a hook a time limit', async () => {
    const lifecycle = new Lifecycle(20);
    lifecycle.engine.addRuntimeExtension({ beforeRuntimeStart: () => new Promise(() => {}) });
    await expect(lifecycle.runStart('beforeRuntimeStart', runtime)).rejects.toMatchObject({ reason: 'hook-timeout' });
  });
  it('knows the health checks of all layers, until it forgets them', () => {
    const lifecycle = new Lifecycle();
    const checks = [() => true, () => false];
    for (const check of checks) lifecycle.engine.addHealthExtension(check);
    expect(lifecycle.healthChecks).toEqual(checks);
    lifecycle.reset();
    expect(lifecycle.healthChecks).toEqual([]);
  });
  it('adds what context extensions give, getters included', () => {
    const lifecycle = new Lifecycle();
    lifecycle.engine.addContextExtension((of) => ({
      get twice() {
        return of.requestId.repeat(2);
      },
    }));
    const extended = { ...ctx } as FaaSContext & { twice?: string };
    lifecycle.extendContext(extended);
    expect(extended.twice).toBe('rr');
  });
});
