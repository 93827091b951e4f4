import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { MetricsRegistry } from './metrics-registry.ts';

async function pageOf(registry: MetricsRegistry): Promise<string> {
  let page = '';
  for await (const part of registry.render()) page += part;
  return page;
}

it('writes counters, histograms and gauges as Prometheus reads them', async () => {
  const registry = new MetricsRegistry();
  registry.counters('c_total', 'Counts.')({ a: 'x "y"\n' }).add(2);
  registry.histograms('h_seconds', 'Times.', [0.1, 1])({ f: 'g' }).observe(0.5);
  registry.histograms('n_seconds', 'Without labels.', [1])({}).observe(2);
  registry.gauge('g', 'Is.', () => [{ value: 3 }]);
  expect(await pageOf(registry)).toBe(`# HELP c_total Counts.
# TYPE c_total counter
c_total{a="x \\"y\\"\\n"} 2
# HELP h_seconds Times.
# TYPE h_seconds histogram
h_seconds_bucket{f="g",le="0.1"} 0
h_seconds_bucket{f="g",le="1"} 1
h_seconds_bucket{f="g",le="+Inf"} 1
h_seconds_sum{f="g"} 0.5
h_seconds_count{f="g"} 1
# HELP n_seconds Without labels.
# TYPE n_seconds histogram
n_seconds_bucket{le="1"} 0
n_seconds_bucket{le="+Inf"} 1
n_seconds_sum 2
n_seconds_count 1
# HELP g Is.
# TYPE g gauge
g 3
`);
});

it('counts what comes beyond its bound together, and loses nothing', async () => {
  const registry = new MetricsRegistry();
  const counters = registry.counters('c_total', 'Counts.');
  for (let at = 0; at < 100_000; at++) counters({ name: `n${at}`, kind: 'x' }).add();
  const lines = (await pageOf(registry)).split('\n').filter((line) => line.startsWith('c_total'));
  expect(lines).toHaveLength(5_001);
  expect(lines.at(-1)).toBe('c_total{name="(other)",kind="(other)"} 95000');
});

it('makes a large page in many turns, each child of one moment', async () => {
  const registry = new MetricsRegistry();
  const histograms = registry.histograms('h_seconds', 'Times.', [0.1, 1]);
  const children = Array.from({ length: 5_000 }, (_, at) => histograms({ name: `n${at}` }));
  let turns = 0;
  let isDone = false;
  const others = (async () => {
    while (!isDone) {
      for (const child of children) child.observe(0.01);
      turns += 1;
      await nextTurn();
    }
  })();
  let nowMs = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (nowMs += 1)); // a slow machine, always
  const page = await pageOf(registry).finally(() => clock.mockRestore());
  isDone = true;
  await others;
  expect(turns).toBeGreaterThan(50);
  const counts = (suffix: string): string[] =>
    [...page.matchAll(new RegExp(`^h_seconds_${suffix}\\S* (\\d+)$`, 'gm'))].map(([, count]) => count ?? '');
  expect(counts('bucket\\{name="n\\d+",le="\\+Inf"')).toEqual(counts('count'));
});
