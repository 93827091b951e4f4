import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestPod, waitFor } from './harness/pod.ts';
import type { TestProcess } from './harness/process.ts';

const folder = mkdtempSync(join(tmpdir(), 'bottle-health-'));
const file = join(folder, 'health');
let pod: TestPod & { runtime: TestProcess };
beforeAll(async () => {
  writeFileSync(file, 'well');
  pod = await TestPod.start({ project: 'layered', env: { HEALTH_FILE: file } });
});
afterAll(async () => {
  await pod.end();
  rmSync(folder, { recursive: true, force: true });
});

/** How long /readyz takes to have this status from now on, in milliseconds. */
async function msUntilReadyz(status: number): Promise<number> {
  const begin = performance.now();
  await waitFor(async () => (await pod.admin('/readyz')).status === status, 10_000);
  return performance.now() - begin;
}

describe("a layer's health", () => {
  it('is in /readyz within a second, when it fails and when it recovers', async () => {
    const took: number[] = [];
    for (let run = 0; run < 6; run++) {
      for (const [says, status] of [
        ['ill', 503],
        ['well', 200],
      ] as const) {
        writeFileSync(file, says);
        took.push(await msUntilReadyz(status));
      }
    }
    process.stdout.write(`/readyz follows a layer's health after ${took.map((ms) => ms.toFixed(0)).join(', ')} ms\n`);
    expect(Math.max(...took)).toBeLessThan(1_000);
  });
  it('fails by saying nothing for two seconds, and recovers', async () => {
    writeFileSync(file, 'hangs');
    const ms = await msUntilReadyz(503);
    expect(ms).toBeGreaterThan(1_500);
    expect(ms).toBeLessThan(3_500);
    expect(await (await pod.admin('/readyz')).json()).toMatchObject({
      missing: [expect.stringMatching(/not healthy/)],
    });
    await pod.runtime.said("a layer's health check fails");
    writeFileSync(file, 'well');
    expect(await msUntilReadyz(200)).toBeLessThan(1_500);
  });
  it('is looked at before the pod is ready for the first time', async () => {
    writeFileSync(file, 'ill');
    const runtime = pod.startRuntime();
    await runtime.said("a layer's health check fails");
    await runtime.said('sidecar connected');
    expect((await pod.admin('/readyz')).status).toBe(503);
    writeFileSync(file, 'well');
    await pod.untilReady();
  });
});
