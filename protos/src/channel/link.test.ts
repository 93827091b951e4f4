import { chmodSync, existsSync, mkdtempSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { connect } from 'node:http2';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as immediate, setTimeout as delay } from 'node:timers/promises';
import { Server } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BottleClient } from '../generated/bottle/v1/Bottle.ts';
import { loadServices } from '../services.ts';
import type { IncomingCall } from './batched-responder.ts';
import { createSocketServer } from './grpc-options.ts';
import { Link, type Peer } from './link.ts';
import type { Abilities } from './negotiation.ts';
import { serveBatches } from './serve-batches.ts';
import { bindSocketFile } from './socket-file.ts';

const services = loadServices();
let directory: string;
const closing: (() => Promise<void> | void)[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bl-'));
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  rmSync(directory, { recursive: true, force: true });
});
const socketPath = (): string => join(directory, 'sidecar.sock');
const abilities = (software: string, protocol = 1): Abilities => ({
  software,
  protocolMin: protocol,
  protocolMax: protocol,
  features: ['stream'],
  bodyThresholdBytes: 1_000,
  instanceId: software,
});

/** A server that keeps the calls it gets. */
async function serve(software: string, protocol = 1) {
  const calls: IncomingCall[] = [];
  const refusals: string[] = [];
  const sessions = new Set<object>();
  const server = createSocketServer();
  server.addService(services.bottle, {
    Connect: (stream: Parameters<typeof serveBatches>[0]) =>
      serveBatches(stream, {
        abilities: abilities(software, protocol),
        onOpen: (session) => void sessions.add(session),
        onClose: (session) => void sessions.delete(session),
        onRefused: (reason) => refusals.push(reason),
        onCall: (call) => calls.push(call),
      }),
    Call: () => {},
    Ping: (_ping: unknown, callback: (error: null, pong: object) => void) => callback(null, {}),
  });
  const socket = await bindSocketFile(server, socketPath());
  const stop = async (): Promise<void> => {
    await socket.close();
    server.forceShutdown();
  };
  closing.push(stop);
  return { calls, refusals, sessions };
}

async function dial(path = socketPath()) {
  const ups: string[] = [];
  const left: string[] = [];
  const silences: number[] = [];
  const refusals: string[] = [];
  const nameOf = (peer: Peer<BottleClient>): string => peer.welcome.software;
  const link = new Link<BottleClient>({
    socketPath: path,
    Client: services.BottleClient,
    abilities: abilities('caller'),
    onUp: (peer) => ups.push(nameOf(peer)),
    onTable: () => {},
    onLeaving: (peer) => left.push(nameOf(peer)),
    onDown: () => {},
    onSilence: (inARow) => void silences.push(inARow),
    onRefused: (reason) => refusals.push(reason),
  });
  await link.start();
  closing.push(() => link.close());
  return { link, ups, left, refusals, silences };
}
const until = (condition: () => boolean): Promise<void> =>
  expect.poll(condition, { timeout: 5_000, interval: 5 }).toBe(true);

describe('a link', () => {
  it('finds a server that was there before it, and one that comes after', async () => {
    await serve('early');
    const first = await dial();
    await until(() => first.ups.includes('early'));
    rmSync(directory, { recursive: true, force: true });
    directory = mkdtempSync(join(tmpdir(), 'bl-'));
    const second = await dial();
    await serve('late');
    await until(() => second.ups.length > 0);
    expect(second.ups).toEqual(['late']);
  });
  it('keeps one connection to a server that took the place of another one while it was dialled', async () => {
    const stale = createServer((socket) => {
      renameSync(hidden, socketPath()); // after the look at the file, before the connection
      socket.destroy();
    });
    await new Promise<void>((resolve) => stale.listen(socketPath(), resolve));
    closing.push(() => void stale.close());
    chmodSync(socketPath(), 0o600);
    const hidden = join(directory, 'hidden');
    const stalePath = join(directory, 'stale');
    renameSync(socketPath(), stalePath);
    const { sessions } = await serve('new');
    renameSync(socketPath(), hidden);
    renameSync(stalePath, socketPath());
    const { ups, left } = await dial();
    await until(() => ups.length > 0);
    await until(() => sessions.size === 1);
    for (let turns = 0; turns < 20; turns++) await delay(10);
    expect([ups, left, sessions.size]).toEqual([['new'], [], 1]);
  });
  it('moves on to a newer server, and leaves the calls of the older one alone', async () => {
    const old = await serve('old');
    const { link, ups, left } = await dial();
    await until(() => ups.length === 1);
    const pending = link.current?.caller.call({ target: 'slow' });
    await until(() => old.calls.length === 1);
    const next = await serve('new');
    await until(() => link.current?.welcome.software === 'new');
    expect([ups, left]).toEqual([['old', 'new'], ['old']]);
    old.calls[0]?.respond({ value: { contentType: 'from the old one' } });
    expect(await pending?.settled).toMatchObject({
      kind: 'response',
      response: { value: { contentType: 'from the old one' } },
    });
    const call = link.current?.caller.call({ target: 'quick' });
    await until(() => next.calls.length === 1);
    next.calls[0]?.respond({});
    expect((await call?.settled)?.kind).toBe('response');
  });
  it('is refused by a server of another protocol, and both sides say why', async () => {
    const { refusals: served } = await serve('future', 9);
    const { link, refusals, ups } = await dial();
    await until(() => refusals.length > 0 && served.length > 0);
    expect(refusals[0]).toBe('future speaks protocol 9, caller speaks 1; upgrade the caller');
    expect([link.current, ups]).toEqual([undefined, []]);
  });
});

/** Stands between the link and the server; what goes through it can be frozen behind sockets that stay open. */
async function interpose(): Promise<{ path: string; freeze(): void }> {
  const path = `${socketPath()}.front`; // not in the server's place: it would make its file again
  const pairs = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = createConnection(socketPath());
    for (const socket of [near, far]) socket.on('error', () => {});
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    pairs.add(near).add(far);
  });
  await new Promise<void>((resolve) => proxy.listen(path, resolve));
  closing.push(() => {
    for (const socket of pairs) socket.destroy();
    proxy.close();
  });
  return {
    path,
    freeze() {
      for (const socket of pairs) socket.unpipe().pause();
    },
  };
}

describe('a connection that is dead behind an open socket', () => {
  it('is replaced, and settles what is pending on it', async () => {
    await serve('mute');
    const { path, freeze } = await interpose();
    const { link, ups, silences } = await dial(path);
    await until(() => ups.length === 1);
    const pending = link.current?.caller.call({ target: 'slow' });
    const unary = new Promise((resolve) => {
      link.current?.client.call({ target: 'slow' }, (error) => resolve(error?.code));
    });
    freeze();
    expect(await pending?.settled).toMatchObject({ kind: 'lost', reason: 'it does not answer' });
    expect(await unary).toBe(14);
    await until(() => ups.length === 2);
    expect([ups, silences]).toEqual([['mute', 'mute'], [1]]);
  });
});

describe('a bound socket file', () => {
  it('is made again when somebody deletes it', async () => {
    await serve('kept');
    unlinkSync(socketPath());
    const { ups } = await dial();
    await until(() => ups.length > 0);
    expect(ups).toEqual(['kept']);
  });
  it('is made again when it was deleted before anybody watched', async () => {
    const binding = serve('early');
    while (!existsSync(socketPath())) await immediate();
    unlinkSync(socketPath());
    await binding;
    await until(() => existsSync(socketPath()));
    const { ups } = await dial();
    await until(() => ups.length > 0);
    expect(ups).toEqual(['early']);
  });
  it('takes several of the largest batches unread, on a stream and on the connection', async () => {
    await serve('wide');
    const session = connect('http://localhost', { createConnection: () => createConnection(socketPath()) });
    closing.push(() => session.destroy());
    const wanted = 1024 * 1024;
    await until(() => (session.state.remoteWindowSize ?? 0) > 65_535);
    expect([session.remoteSettings.initialWindowSize, session.state.remoteWindowSize]).toEqual([wanted, wanted]);
  });
  it('must fit a socket address', async () => {
    await expect(bindSocketFile(new Server(), `/tmp/${'x'.repeat(120)}`)).rejects.toMatchObject({
      reason: 'socket-path',
    });
  });
});
