import { setTimeout as delay } from 'node:timers/promises';
import { BottleError, type ConfigClient, type InvalidValue, type SwitchesClient } from 'bottle-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContractTarget } from './target.ts';

/** A change has to be seen within this. */
export const SEEN_WITHIN_MS = 1_000;

interface Issue {
  message: string;
  path?: readonly PropertyKey[];
}

/** A validator by the Standard Schema specification, without a library. */
function schemaOf<Value>(check: (value: unknown) => readonly Issue[], { slow = false } = {}) {
  const result = (value: unknown) => {
    const issues = check(value);
    return issues.length === 0 ? { value: value as Value } : { issues };
  };
  return {
    '~standard': {
      version: 1 as const,
      vendor: 'test',
      validate: (value: unknown) => (slow ? delay(1).then(() => result(value)) : result(value)),
      types: undefined as { input: unknown; output: Value } | undefined,
    },
  };
}

/** { percent: 0…100 } */
export const DISCOUNT = schemaOf<{ percent: number }>((value) => {
  const percent = (value as { percent?: unknown } | null)?.percent;
  return typeof percent === 'number' && percent >= 0 && percent <= 100
    ? []
    : [{ message: 'expected 0 to 100', path: ['percent'] }];
});

/** What every driver of `config` and `switches` does, seen through the SDK. */
export function describeConfigContract(title: string, open: () => Promise<ContractTarget>): void {
  describe(`config contract: ${title}`, () => {
    let target: ContractTarget;
    let config: ConfigClient;
    let switches: SwitchesClient;
    const invalid: InvalidValue[] = [];
    let unique = 0;
    const fresh = (): string => `key.${process.pid}.${(unique += 1)}`;
    beforeAll(async () => {
      target = await open();
      const onInvalid = (each: InvalidValue): void => void invalid.push(each);
      config = target.bottle.config('contract', { onInvalid });
      switches = target.bottle.switches('contract', { onInvalid });
    });
    afterAll(() => target.close());

    describe('values', () => {
      it('gives back what was set, of every JSON kind and every edge of UTF-8', async () => {
        const edges = ['\u0000', '\u007f\u0080', '\u07ff\u0800', '\uffff', '\u{10ffff}', '😀é漢', 'a\r\nb', '- x: "#'];
        const numbers = [0, -0.5, 1e21, Number.MAX_SAFE_INTEGER];
        for (const value of [...numbers, '', false, null, [], {}, '~', 'no', '1', { a: [1, { b: null }], é: edges }]) {
          const key = fresh();
          await config.set(key, value);
          expect(await config.get(key)).toEqual(value);
          expect((await config.version(key)).value).toEqual(value);
        }
        for (const edge of edges) {
          const key = `${fresh()}:${edge}`;
          await config.set(key, edge);
          expect((await config.version(key)).value).toBe(edge);
        }
      });
      it('keeps values of 0, 1 and 64 KB, and refuses one that is too large', async () => {
        for (const size of [0, 1, 64 * 1024]) {
          const key = fresh();
          await config.set(key, 'x'.repeat(size));
          expect(await config.get<string>(key)).toHaveLength(size);
        }
        const tooLarge = config.set(fresh(), 'x'.repeat(256 * 1024));
        await expect(tooLarge).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'value-too-large' });
      });
      it('says NOT_FOUND where there is none, with resource and operation', async () => {
        const key = fresh();
        await expect(config.get(key)).rejects.toMatchObject({ code: 'NOT_FOUND', reason: 'no-value' });
        const error = await config.version(key).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(BottleError);
        expect(error).toMatchObject({
          details: { resource: 'config.contract', operation: 'get', retryable: false, key },
        });
        expect(await config.getOr(key, 7)).toBe(7);
      });
      it('refuses keys without letters, and values without a JSON form', async () => {
        await expect(config.set('', 1)).rejects.toMatchObject({ reason: 'bad-key' });
        await expect(config.set('k'.repeat(513), 1)).rejects.toMatchObject({ reason: 'bad-key' });
        await expect(config.set(fresh(), () => {})).rejects.toMatchObject({ reason: 'not-json' });
      });
      it('gives everybody the same frozen value', async () => {
        const key = fresh();
        await config.set(key, { list: [1] });
        const first = await config.get<{ list: number[] }>(key);
        expect(() => first.list.push(2)).toThrow(TypeError);
        expect(await config.get(key)).toBe(first);
      });
      it('lists the keys that begin so, in order, without deleted ones', async () => {
        const prefix = fresh();
        for (const name of ['b', 'a', 'c']) await config.set(`${prefix}/${name}`, name);
        await config.delete(`${prefix}/c`);
        const listed = await config.list(`${prefix}/`);
        expect(listed.map(({ key, value }) => [key, value])).toEqual([
          [`${prefix}/a`, 'a'],
          [`${prefix}/b`, 'b'],
        ]);
        expect((await config.list()).length).toBeGreaterThan(2);
      });
    });

    describe('revisions', () => {
      it('count every change, and say when and by whom', async () => {
        const key = fresh();
        const before = Date.now() - 1_000;
        const first = await config.set(key, 1, { changedBy: 'ann' });
        const second = await config.set(key, 2);
        expect([first.revision, second.revision]).toEqual([1, 2]);
        expect([first.changedBy, second.changedBy]).toEqual(['ann', '']);
        expect(first.changedAt.getTime()).toBeGreaterThan(before);
        expect(first.changedAt.getTime()).toBeLessThanOrEqual(Date.now() + 1_000);
      });
      it('keep a change that was made in between from being overwritten', async () => {
        const key = fresh();
        await config.set(key, 'mine', { expectedRevision: 0 });
        await config.set(key, 'theirs');
        const late = config.set(key, 'late', { expectedRevision: 1 });
        await expect(late).rejects.toMatchObject({
          code: 'ABORTED',
          reason: 'revision-conflict',
          details: { revision: 2 },
        });
        await config.set(key, 'mine again', { expectedRevision: 2 });
        expect(await config.get(key)).toBe('mine again');
      });
      it('let exactly one of many concurrent changes win', async () => {
        const key = fresh();
        await config.set(key, 0);
        const race = Array.from({ length: 20 }, (_, at) => config.set(key, at, { expectedRevision: 1 }));
        const settled = await Promise.allSettled(race);
        expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect((await config.version(key)).revision).toBe(2);
      });
      it('can be listed, newest first, deletions included', async () => {
        const key = fresh();
        await config.set(key, 'a');
        await config.set(key, 'b');
        await config.delete(key, { changedBy: 'bob' });
        const history = await config.history(key);
        expect(history.map(({ revision, value, changedBy }) => [revision, value, changedBy])).toEqual([
          [3, undefined, 'bob'],
          [2, 'b', ''],
          [1, 'a', ''],
        ]);
        expect(await config.history(fresh())).toEqual([]);
      });
      it('are forgotten beyond the last 50', async () => {
        const key = fresh();
        for (let turn = 1; turn <= 55; turn++) await config.set(key, turn);
        const history = await config.history<number>(key);
        expect(history).toHaveLength(50);
        expect([history[0]?.value, history[49]?.value]).toEqual([55, 6]);
        await expect(config.rollback(key, 5)).rejects.toMatchObject({ code: 'NOT_FOUND', reason: 'no-revision' });
      });
      it('can be rolled back to, as a new one', async () => {
        const key = fresh();
        await config.set(key, { v: 1 });
        await config.set(key, { v: 2 });
        const back = await config.rollback(key, 1, { changedBy: 'ops' });
        expect([back.revision, back.value, back.changedBy]).toEqual([3, { v: 1 }, 'ops']);
        expect(await config.get(key)).toEqual({ v: 1 });
      });
      it('go on counting after a deletion', async () => {
        const key = fresh();
        await config.set(key, 1);
        await config.delete(key);
        await expect(config.get(key)).rejects.toMatchObject({ reason: 'no-value' });
        expect((await config.set(key, 2)).revision).toBe(3);
      });
    });

    describe('get', () => {
      it('answers without a call once it has been asked, and sees a change within a second', async () => {
        const key = fresh();
        await config.set(key, 'old');
        expect(await config.get(key)).toBe('old');
        await delay(50);
        const startedAt = performance.now();
        for (let turn = 0; turn < 10_000; turn++) await config.get(key);
        expect(performance.now() - startedAt).toBeLessThan(1_000);
        await target.bottle.config('contract').set(key, 'new');
        await expect.poll(() => config.get(key), { timeout: SEEN_WITHIN_MS, interval: 5 }).toBe('new');
      });
      it('sees a key appear and disappear', async () => {
        const key = fresh();
        expect(await config.getOr(key, 'none')).toBe('none');
        await config.set(key, 'some');
        await expect.poll(() => config.getOr(key, 'none'), { timeout: SEEN_WITHIN_MS, interval: 5 }).toBe('some');
        await config.delete(key);
        await expect.poll(() => config.getOr(key, 'none'), { timeout: SEEN_WITHIN_MS, interval: 5 }).toBe('none');
      });
      it('asks once for many questions at the same time', async () => {
        const key = fresh();
        await config.set(key, 1);
        const values = await Promise.all(Array.from({ length: 1_000 }, () => config.get(key)));
        expect(new Set(values)).toEqual(new Set([1]));
      });
    });

    describe('validation', () => {
      it('types what is valid, also with a validator that takes its time', async () => {
        const key = fresh();
        await config.set(key, { percent: 20 });
        const discount = await config.get(key, DISCOUNT);
        expect(discount.percent + 1).toBe(21);
        const slow = schemaOf<{ percent: number }>(() => [], { slow: true });
        expect((await config.get(key, slow)).percent).toBe(20);
      });
      it('keeps the last good value when a new one is invalid, and says so once', async () => {
        const key = fresh();
        await config.set(key, { percent: 20 });
        expect(await config.get(key, DISCOUNT)).toEqual({ percent: 20 });
        await config.set(key, { percent: 30 });
        await config.set(key, { percent: 400 });
        await expect.poll(() => config.get(key), { timeout: SEEN_WITHIN_MS }).toEqual({ percent: 400 });
        // Not 20, which this process saw last, but 30, which was the last good one.
        expect(await config.get(key, DISCOUNT)).toEqual({ percent: 30 });
        expect(await config.get(key, DISCOUNT)).toEqual({ percent: 30 });
        expect(await config.getOr(key, undefined, DISCOUNT)).toEqual({ percent: 30 });
        const told = invalid.filter((each) => each.key === key);
        expect(told).toHaveLength(1);
        expect(told[0]).toMatchObject({ resource: 'config.contract', revision: 3 });
        expect(told[0]?.message).toContain('percent: expected 0 to 100');
        await config.set(key, { percent: 40 });
        expect(await config.get(key, DISCOUNT)).toEqual({ percent: 40 });
      });
      it('finds the last good value also for a schema that is made anew each time', async () => {
        const key = fresh();
        const make = (): typeof DISCOUNT => ({ ...DISCOUNT });
        await config.set(key, { percent: 1 });
        await config.set(key, 'nonsense');
        expect(await config.get(key, make())).toEqual({ percent: 1 });
        expect(await config.get(key, make())).toEqual({ percent: 1 });
      });
      it('throws with the issues when there never was a good value', async () => {
        const key = fresh();
        await config.set(key, { percent: 'many' });
        const error = await config.get(key, DISCOUNT).catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({
          code: 'FAILED_PRECONDITION',
          reason: 'config-invalid',
          details: { key, revision: 1, issues: [{ path: ['percent'], message: 'expected 0 to 100' }] },
        });
        expect(await config.getOr(key, { percent: 0 }, DISCOUNT)).toEqual({ percent: 0 });
      });
      it('does not bring back what was deleted', async () => {
        const key = fresh();
        await config.set(key, { percent: 1 });
        expect(await config.get(key, DISCOUNT)).toEqual({ percent: 1 });
        await config.delete(key);
        await config.set(key, 'nonsense');
        await expect(config.get(key, DISCOUNT)).rejects.toMatchObject({ reason: 'config-invalid' });
      });
      it('takes a validator that throws for one that refuses', async () => {
        const key = fresh();
        await config.set(key, 1);
        const broken = schemaOf<number>(() => {
          throw new Error('oops');
        });
        await expect(config.get(key, broken)).rejects.toMatchObject({ reason: 'config-invalid' });
      });
    });

    describe('watch', () => {
      it('yields the value now, then every change, deletions included', async () => {
        const key = fresh();
        const watching = config.watch<number>(key);
        expect((await watching.next()).value).toBeUndefined();
        for (const value of [1, 2]) {
          await config.set(key, value);
          expect((await watching.next()).value).toBe(value);
        }
        await config.delete(key);
        expect((await watching.next()).value).toBeUndefined();
        await watching.return(undefined);
      });
      it('leaves out what is not valid', async () => {
        const key = fresh();
        await config.set(key, { percent: 1 });
        await config.set(key, 'nonsense');
        const watching = config.watch(key, DISCOUNT);
        expect((await watching.next()).value).toEqual({ percent: 1 });
        const next = watching.next();
        await config.set(key, { percent: -1 });
        await delay(100);
        await config.set(key, { percent: 2 });
        expect((await next).value).toEqual({ percent: 2 });
        await watching.return(undefined);
      });
      it('gives a slow reader the newest value, not all of them', async () => {
        const key = fresh();
        await config.set(key, 0);
        const watching = config.watch<number>(key);
        expect((await watching.next()).value).toBe(0);
        for (let value = 1; value <= 40; value++) await config.set(key, value);
        await delay(300);
        const next = (await watching.next()).value as number;
        expect([next, next === 40 ? 40 : (await watching.next()).value]).toContain(40);
        await watching.return(undefined);
      });
      it('ends when its signal aborts', async () => {
        const ending = new AbortController();
        const watching = config.watch(fresh(), undefined, { signal: ending.signal });
        await watching.next();
        const next = watching.next();
        ending.abort();
        await expect(next).rejects.toMatchObject({ code: 'CANCELLED' });
      });
    });

    describe('switches', () => {
      it('are off when they do not exist, or as the caller says', async () => {
        const name = fresh();
        expect(await switches.isOn(name)).toBe(false);
        expect(await switches.variant(name)).toBeUndefined();
        expect(await switches.isOn(name, {}, { fallback: true })).toBe(true);
        expect(await switches.variant(name, {}, { fallback: 'blue' })).toBe('blue');
      });
      it('answer by the first rule that applies', async () => {
        const name = fresh();
        await switches.set(name, {
          on: false,
          rules: [
            { if: { email: { endsWith: '@example.com' } }, variant: 'staff' },
            { if: { country: ['DE', 'AT'], plan: 'pro' }, variant: 'blue' },
            { if: { country: 'DE' }, on: false },
            { if: { age: { min: 18, max: 65 }, country: { not: 'CH' } } },
          ],
        });
        expect(await switches.variant(name, { email: 'a@example.com', country: 'DE' })).toBe('staff');
        expect(await switches.variant(name, { country: 'AT', plan: 'pro' })).toBe('blue');
        expect(await switches.isOn(name, { country: 'DE', age: 20 })).toBe(false);
        expect(await switches.isOn(name, { country: 'FR', age: 20 })).toBe(true);
        expect(await switches.variant(name, { country: 'FR', age: 20 })).toBeUndefined();
        expect(await switches.isOn(name, { country: 'CH', age: 20 })).toBe(false);
        expect(await switches.isOn(name, { age: 20 })).toBe(false);
        expect(await switches.isOn(name)).toBe(false);
      });
      it('are on for a stable share, which raising the percentage only adds to', async () => {
        const name = fresh();
        const users = Array.from({ length: 2_000 }, (_, at) => `user-${at}`);
        let before = new Set<string>();
        for (const percent of [0, 10, 25, 50, 100]) {
          await switches.set(name, { on: true, percent });
          const on = new Set<string>();
          for (const userId of users) if (await switches.isOn(name, { userId })) on.add(userId);
          expect(on.size / users.length).toBeGreaterThanOrEqual(percent / 100 - 0.04);
          expect(on.size / users.length).toBeLessThanOrEqual(percent / 100 + 0.04);
          expect(before.difference(on).size).toBe(0);
          before = on;
        }
      });
      it('are seen to change within a second', async () => {
        const name = fresh();
        expect(await switches.isOn(name)).toBe(false);
        await target.bottle.switches('contract').set(name, { on: true });
        await expect.poll(() => switches.isOn(name), { timeout: SEEN_WITHIN_MS, interval: 5 }).toBe(true);
        await switches.rollback(name, (await switches.set(name, { on: false })).revision - 1);
        expect(await switches.isOn(name)).toBe(true);
      });
      it('are refused with everything that is wrong with them', async () => {
        const wrong = { on: 'yes', rules: [{ percent: 120, fi: {} }, { if: { country: [] } }] } as never;
        const error = await switches.set(fresh(), wrong).catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'switch-invalid' });
        const { message } = error as Error;
        for (const part of ['on: expected', 'rules.0.percent:', 'rules.0.fi: unknown key', 'rules.1.if.country:'])
          expect(message).toContain(part);
      });
      it('stand still in a snapshot', async () => {
        const name = fresh();
        await switches.set(name, { on: true, variant: 'a' });
        const snapshot = await switches.snapshot([name, 'none']);
        await switches.set(name, { on: false });
        expect([snapshot.isOn(name), snapshot.variant(name), snapshot.isOn('none')]).toEqual([true, 'a', false]);
        expect(await switches.isOn(name)).toBe(false);
      });
      it('are another resource than configuration of the same name', async () => {
        const name = fresh();
        await switches.set(name, { on: true });
        await expect(config.version(name)).rejects.toMatchObject({ reason: 'no-value' });
        expect((await switches.list()).map(({ key }) => key)).toContain(name);
      });
    });
  });
}
