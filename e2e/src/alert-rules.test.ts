import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { TestPod } from './harness/pod.ts';
import { ROOT } from './harness/process.ts';

let pod: TestPod;
beforeAll(async () => {
  pod = await TestPod.start({ project: 'mq' });
});
afterAll(() => pod.end());

it('alerts ask for metrics that a pod has', async () => {
  const file = readFileSync(join(ROOT, 'deploy/prometheus/bottle.rules.yml'), 'utf8');
  const { groups } = parse(file) as { groups: { rules: { alert: string; expr: string }[] }[] };
  const asked = new Set(groups.flatMap(({ rules }) => rules.flatMap(({ expr }) => expr.match(/\bbottle_\w+/g) ?? [])));
  expect(asked.size).toBeGreaterThan(3);
  const metrics = await (await pod.admin('/metrics')).text();
  expect([...asked].filter((name) => !metrics.includes(`# TYPE ${name} `))).toEqual([]);
});
