import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { afterAll, expect, it } from 'vitest';
import type { FunctionRuntimeClient } from '../generated/bottle/v1/FunctionRuntime.ts';
import type { StreamFrame, StreamFrame__Output } from '../generated/bottle/v1/StreamFrame.ts';
import { loadServices } from '../services.ts';
import { createSocketServer } from './grpc-options.ts';
import { Link, type Peer } from './link.ts';
import type { Abilities } from './negotiation.ts';
import { serveBatches } from './serve-batches.ts';
import { bindSocketFile } from './socket-file.ts';
import { WriteFlow } from './write-flow.ts';

/** More than fit into the window of a connection. */
const STREAMS = 20;
const CHUNK = Buffer.alloc(64 * 1024);

const services = loadServices();
const directory = mkdtempSync(join(tmpdir(), 'bp-'));
const closing: (() => Promise<void> | void)[] = [() => rmSync(directory, { recursive: true })];
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
});

const abilities = (name: string): Abilities => ({
  software: name,
  protocolMin: 1,
  protocolMax: 1,
  features: ['stream'],
  bodyThresholdBytes: 1_000,
  instanceId: name,
});

/** Writes for as long as somebody reads. */
async function endless(stream: ServerDuplexStream<StreamFrame__Output, StreamFrame>): Promise<void> {
  const flow = new WriteFlow(stream);
  while (!stream.cancelled) if (!stream.write({ chunk: CHUNK })) await flow.untilWritable();
}

async function connected(): Promise<Peer<FunctionRuntimeClient>> {
  const socketPath = join(directory, 'runtime.sock');
  const server = createSocketServer();
  server.addService(services.functionRuntime, {
    Connect: (stream: Parameters<typeof serveBatches>[0]) =>
      serveBatches(stream, {
        abilities: abilities('server'),
        onOpen: () => {},
        onClose: () => {},
        onRefused: () => {},
        onCall: (call) => call.respond({ value: {} }),
      }),
    Stream: (stream: ServerDuplexStream<StreamFrame__Output, StreamFrame>) => void endless(stream),
    Invoke: () => {},
    Ping: () => {},
  });
  const socket = await bindSocketFile(server, socketPath);
  const up = Promise.withResolvers<Peer<FunctionRuntimeClient>>();
  const link = new Link<FunctionRuntimeClient>({
    socketPath,
    Client: services.FunctionRuntimeClient,
    abilities: abilities('client'),
    expectsAnswers: () => false,
    onUp: up.resolve,
    onTable: () => {},
    onLeaving: () => {},
    onDown: () => {},
    onSilence: () => {},
    onRefused: () => {},
  });
  await link.start();
  closing.push(async () => {
    link.close();
    await socket.close();
    server.forceShutdown();
  });
  return up.promise;
}

it('calls are answered beside streams that fill the connection, and each of these gets its part', async () => {
  const { client, caller } = await connected();
  const received = Array.from({ length: STREAMS }, () => 0);
  const streams = received.map((_, index) => {
    const stream = client.stream();
    stream.on('error', () => {}); // it is cancelled below
    stream.on('data', ({ chunk }: StreamFrame__Output) => {
      received[index] = (received[index] ?? 0) + (chunk?.length ?? 0);
      const until = performance.now() + 2;
      while (performance.now() < until); // slower than it comes
    });
    stream.write({ attach: 'x' });
    return stream;
  });
  await expect.poll(() => Math.min(...received), { timeout: 10_000 }).toBeGreaterThan(0);
  for (let call = 0; call < 20; call++) {
    const settled = caller.call({ target: 'f' }).settled;
    expect(await Promise.race([settled, delay(5_000, 'no answer in 5 s')])).toMatchObject({ kind: 'response' });
  }
  for (const stream of streams) stream.cancel();
});
