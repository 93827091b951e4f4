import type { AddressInfo } from 'node:net';
import { createServer, type RequestListener } from 'node:http';
import { TestPod } from '../harness/pod.ts';
import { openSidecar, type SidecarTarget } from '../contracts/target.ts';
import type { OpenAxis } from './axis.ts';

/** Work that goes to a pod, or to a plain HTTP server in its place. */
export async function openHttpAxis(
  work: (url: string, size: number) => Promise<void | (() => Promise<void>)>,
  direct: RequestListener,
): Promise<OpenAxis> {
  const pod = await TestPod.start({ project: 'scale' });
  const server = createServer(direct);
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const directUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    pids: () => [pod.sidecar.pid, pod.runtime.pid],
    run: (size) => work(pod.url, size),
    async direct(size) {
      const after = await work(directUrl, size);
      await after?.();
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await pod.end();
    },
  };
}

/** Bottle calls to a sidecar by itself. */
export async function openCallsAxis(
  work: (target: SidecarTarget, size: number) => Promise<void>,
  direct: (size: number) => Promise<void>,
  resources: object = {},
): Promise<OpenAxis> {
  const target = await openSidecar(resources);
  return {
    pids: () => [target.sidecar.pid],
    run: (size) => work(target, size),
    direct,
    close: () => target.close(),
  };
}

/** Runs `total` pieces of work, at most so many at a time. */
export async function inBatches(total: number, atOnce: number, work: (at: number) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < total; at += atOnce) {
    const size = Math.min(atOnce, total - at);
    await Promise.all(Array.from({ length: size }, (_, index) => work(at + index)));
  }
}
