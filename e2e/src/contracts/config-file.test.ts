import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConfigClient } from 'bottle-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DISCOUNT, SEEN_WITHIN_MS } from './config-contract.ts';
import { openSidecar, type SidecarTarget } from './target.ts';

const seen = { timeout: SEEN_WITHIN_MS, interval: 5 };

describe('a configuration file', () => {
  let target: SidecarTarget;
  let directory: string;
  let file: string;
  let config: ConfigClient;
  const status = async (): Promise<Record<string, unknown>> => {
    const { resources } = (await (await target.pod.admin('/resources')).json()) as {
      resources: Record<string, unknown>[];
    };
    return resources.find(({ id }) => id === 'config.edited') ?? {};
  };
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'bottle-config-'));
    file = join(directory, 'shop.yml');
    writeFileSync(file, '# prices\ndiscount: { percent: 5 } # careful\nname: a\n');
    const linked = join(directory, 'mounted', 'app.yml');
    mkdirSync(join(directory, 'mounted', '..v1'), { recursive: true });
    writeFileSync(join(directory, 'mounted', '..v1', 'app.yml'), 'mode: one\n');
    symlinkSync('..v1', join(directory, 'mounted', '..data'));
    symlinkSync('..data/app.yml', linked);
    target = await openSidecar({
      switches: { flags: { driver: 'file', file: join(directory, 'flags.yml') } },
      config: {
        edited: { driver: 'file', file },
        mounted: { driver: 'file', file: linked },
        nowhere: { driver: 'file', file: join(file, 'below-a-file', 'config.yml') },
      },
    });
    config = target.bottle.config('edited');
  });
  afterAll(async () => {
    await target.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('is read at the start, its values as first revisions', async () => {
    expect(await config.get('discount', DISCOUNT)).toEqual({ percent: 5 });
    expect((await config.version('name')).revision).toBe(1);
  });
  it('is seen to change when it is edited in place, also when that happens in two writes', async () => {
    const watching = config.watch<string>('name');
    expect((await watching.next()).value).toBe('a');
    writeFileSync(file, '# prices\ndiscount: { percent: 6 } # careful\nname: b\n');
    expect((await watching.next()).value).toBe('b');
    await expect.poll(() => config.get('discount', DISCOUNT), seen).toEqual({ percent: 6 });
    const next = watching.next();
    truncateSync(file);
    await delay(100);
    writeFileSync(file, '# prices\ndiscount: { percent: 7 } # careful\nname: c\n');
    expect((await next).value).toBe('c'); // never undefined
    await watching.return(undefined);
  });
  it('is seen to change when an editor replaces it by a rename', async () => {
    expect(await config.get('name')).toBe('c');
    renameSync(file, `${file}~`);
    await delay(100);
    writeFileSync(`${file}.new`, '# prices\ndiscount: { percent: 8 } # careful\nname: d\n');
    renameSync(`${file}.new`, file);
    await expect.poll(() => config.get('name'), seen).toBe('d');
    expect((await config.history('name')).map(({ value }) => value)).toEqual(['d', 'c', 'b', 'a']);
  });
  it('keeps the last good values when it does not parse, and the operator sees why', async () => {
    writeFileSync(file, 'name: [e\n');
    await expect.poll(async () => (await status())['warning'], { timeout: 2_000 }).toContain('shop.yml: line');
    expect(await status()).toMatchObject({ state: 'ready' });
    expect(await config.get('name')).toBe('d');
    const refused = config.set('name', 'x');
    await expect(refused).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'config-file-invalid' });
    writeFileSync(file, '# prices\ndiscount: { percent: 9 } # careful\nname: f\n');
    await expect.poll(() => config.get('name'), seen).toBe('f');
    expect((await status())['warning']).toBeUndefined();
    await target.sidecar.said('the configuration file is right again');
    const logged = target.sidecar.lines.filter(({ msg }) => msg === 'a configuration file cannot be used');
    expect(logged).toHaveLength(1);
  });
  it('of switches keeps the last good switch when an edited one is none', async () => {
    const flags = join(directory, 'flags.yml');
    const told: string[] = [];
    const switches = target.bottle.switches('flags', { onInvalid: ({ message }) => told.push(message) });
    writeFileSync(flags, 'promo: { on: true, rules: [{ if: { country: CH }, on: false }] }\n');
    await expect.poll(() => switches.isOn('promo', { country: 'DE' }), seen).toBe(true);
    writeFileSync(flags, 'promo: { on: true, rules: [{ if: { country: [] }, of: true }] }\n');
    await expect.poll(() => switches.isOn('promo').then(() => told), seen).toHaveLength(1);
    expect(told[0]).toContain('rules.0.of: unknown key');
    expect(await switches.isOn('promo', { country: 'CH' })).toBe(false);
    expect(await switches.isOn('promo', { country: 'DE' })).toBe(true);
    writeFileSync(flags, 'promo: { on: false }\n');
    await expect.poll(() => switches.isOn('promo', { country: 'DE' }), seen).toBe(false);
  });
  it('keeps its comments, its order and its other keys when a value is set', async () => {
    await config.set('name', 'g', { changedBy: 'ann' });
    expect(readFileSync(file, 'utf8')).toBe('# prices\ndiscount: { percent: 9 } # careful\nname: g\n');
    await config.set('dotted.key', { a: [1] });
    expect(readFileSync(file, 'utf8')).toContain('dotted.key:\n  a:\n    - 1\n');
    await config.delete('dotted.key');
    expect(readFileSync(file, 'utf8')).not.toContain('dotted');
  });
  it('keeps its history over a restart, and the last good values even when it does not parse then', async () => {
    const before = await config.history('name');
    target.sidecar.kill('SIGKILL');
    writeFileSync(file, ': : :\n');
    await target.pod.startSidecar();
    await expect
      .poll(
        () =>
          config.version('name').then(
            ({ value }) => value,
            () => '',
          ),
        { timeout: 5_000 },
      )
      .toBe('g');
    expect(await config.history('name')).toEqual(before);
    expect(before[0]).toMatchObject({ value: 'g', changedBy: 'ann' });
    writeFileSync(file, 'name: h\n');
    await expect.poll(() => config.get('name'), { timeout: 2_000 }).toBe('h');
    expect((await config.version('name')).revision).toBe((before[0]?.revision ?? 0) + 1);
  });
  it('is empty when it is gone, and comes back with its directory', async () => {
    expect(await config.getOr('name', 'none')).toBe('h');
    rmSync(directory, { recursive: true });
    await expect.poll(() => config.getOr('name', 'none'), { timeout: 2_000 }).toBe('none');
    mkdirSync(directory);
    writeFileSync(file, 'name: i\n');
    await expect.poll(() => config.getOr('name', 'none'), { timeout: 2_000 }).toBe('i');
  });
  it('is seen to change when Kubernetes swaps the link of a mounted ConfigMap', async () => {
    const mount = join(directory, 'mounted');
    for (const [version, value] of Object.entries({ v1: 'one', v2: 'two', v3: 'three' })) {
      mkdirSync(join(mount, `..${version}`), { recursive: true });
      writeFileSync(join(mount, `..${version}`, 'app.yml'), `mode: ${value}\n`);
    }
    symlinkSync('..v1', join(mount, '..data'));
    symlinkSync('..data/app.yml', join(mount, 'app.yml'));
    const mounted = target.bottle.config('mounted');
    await expect.poll(() => mounted.getOr('mode', ''), { timeout: 2_000 }).toBe('one');
    for (const [version, value] of Object.entries({ v2: 'two', v3: 'three' })) {
      symlinkSync(`..${version}`, join(mount, '..data_tmp'));
      renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
      await expect.poll(() => mounted.get('mode'), seen).toBe(value);
    }
    await mounted.set('mode', 'four');
    expect(readFileSync(join(mount, '..v3', 'app.yml'), 'utf8')).toBe('mode: four\n');
  });
  it('that cannot be written says why', async () => {
    const nowhere = target.bottle.config('nowhere');
    expect(await nowhere.list()).toEqual([]);
    await expect(nowhere.set('a', 1)).rejects.toMatchObject({
      reason: 'driver-error',
      details: { driverCode: 'ENOTDIR' },
    });
  });
});
