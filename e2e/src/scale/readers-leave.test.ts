import { connect, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { TestPod, waitFor } from '../harness/pod.ts';

/** Twice as many as ended the channel's session when its server still counted stream resets. */
const READERS = 3_000;

let pod: TestPod | undefined;
afterEach(async () => {
  await pod?.end();
  pod = undefined;
});

/** A reader of server-sent events that has got its first one. */
function openReader(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('GET /feed HTTP/1.1\r\nhost: x\r\n\r\n'));
    socket.once('error', reject);
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.includes('data: first')) resolve(socket);
    });
    socket.once('close', () => reject(new Error(`closed after ${JSON.stringify(text)}`)));
  });
}

it('thousands of readers leave at once, and nobody else notices', async () => {
  const started = await TestPod.start({ project: 'readers' });
  pod = started;
  const readers: Socket[] = [];
  while (readers.length < READERS) {
    const batch = Array.from({ length: 250 }, () => openReader(started.port));
    readers.push(...(await Promise.all(batch)));
  }
  const pings = Array.from({ length: 100 }, async () => (await fetch(`${started.url}/ping`)).status);
  for (const reader of readers) reader.destroy();
  expect(new Set(await Promise.all(pings))).toEqual(new Set([200]));
  const inFlight = async (): Promise<string> => {
    const metrics = await (await started.admin('/metrics')).text();
    return /^bottle_in_flight\S* (\d+)$/m.exec(metrics)?.[1] ?? 'none';
  };
  await waitFor(async () => (await inFlight()) === '0', 10_000);
  expect((await fetch(`${started.url}/ping`)).status).toBe(200);
  expect(started.sidecar.lines.filter(({ msg }) => msg === 'function container connection closed')).toEqual([]);
});
