import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { TestPod } from './harness/pod.ts';

let project: string;
let pod: TestPod;
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'bottle-early-'));
  writeFileSync(
    join(project, 'serverless.yml'),
    'service: early\nfunctions:\n  bills: { handler: f.bills, events: [{ mq: { topic: orders, batch: 5 } }] }\n',
  );
  writeFileSync(
    join(project, 'f.js'),
    'export const bills = (_ctx, messages) => messages[0].fail(new Error(`a list of ${messages.length}`));\n',
  );
});
afterEach(() => pod.end());
afterAll(() => rmSync(project, { recursive: true, force: true }));

it.each(['', '?as=mq', '?as=mq:orders'])(
  'a batch trigger gets a list from a pod that does not know it yet: /invoke%s',
  async (query) => {
    pod = new TestPod({ project });
    await pod.startSidecar();
    const invoked = pod.admin(`/functions/bills/invoke${query}`, { method: 'POST', body: '{"n":1}' });
    const functions = await pod.admin('/functions');
    expect(await functions.json()).toMatchObject({ service: null, functions: [] });
    pod.startRuntime();
    expect(await (await invoked).json()).toMatchObject({ reason: 'function-error', detail: 'a list of 1' });
  },
);
