import { expect, it } from 'vitest';
import { checkNeeds, type NeedsReport } from './check-needs.ts';

/** Each need stands in a line of its own. */
function reportOf(resources: string[], data: Record<string, unknown>): NeedsReport {
  const needs = resources.map((resource, at) => ({
    by: 'sell',
    resource,
    source: 'serverless.yml',
    line: at + 1,
    path: `functions.sell.uses.${at}`,
  }));
  const locate = (path: readonly PropertyKey[]) => ({ source: 'sidecar.yml', line: path.length });
  const source = { data, locate };
  return checkNeeds(
    { source, written: source, overridden: new Set(), unresolved: [] },
    { functions: ['sell', 'price'], needs },
  );
}
const CONFIGURED = { cache: { carts: { driver: 'memory' } } };

it('names the place that needs a resource and the one where it is missing', () => {
  const { problems, text, warnings } = reportOf(['cache.carts', 'cache.crats'], { resources: CONFIGURED });
  expect([problems, warnings]).toEqual([
    [
      {
        source: 'serverless.yml',
        line: 2,
        path: 'functions.sell.uses.1',
        message:
          'sell uses cache.crats, which sidecar.yml:2 (resources.cache) does not have; there is cache.carts; did you mean "cache.carts"? Otherwise add `resources: { cache: { crats: { driver: … } } }`',
      },
    ],
    [],
  ]);
  expect(text).toContain(
    '1 problem in the configuration\n  serverless.yml:2  functions.sell.uses.1: sell uses cache.crats',
  );
});

it('asks for the lock of the schedules and the cache of the sessions by the names that the settings give them', () => {
  const idsOf = (data: Record<string, unknown>): string[] =>
    reportOf(['timers.lock', 'gateway.sessions'], data).problems.map(({ message }) => message.split(',')[0] ?? '');
  expect(idsOf({ resources: CONFIGURED })).toEqual(['sell uses lock.timers']); // nobody signs requests
  const named = { timers: { lock: 'ticks' }, gateway: { sessions: 'cache.people', apps: { mobile: { secret: 'x' } } } };
  expect(idsOf({ resources: CONFIGURED, ...named })).toEqual(['sell uses lock.ticks', 'sell uses cache.people']);
  expect(idsOf({ resources: { lock: { ticks: {} }, cache: { people: {} } }, ...named })).toEqual([]);
});

it('takes every name where nothing is configured, but an upstream with a warning, and no misspelt function', () => {
  const elsewhere = { rpc: { stock: { driver: 'functions', function: 'stock' } } };
  for (const resources of [undefined, {}, elsewhere]) {
    const { problems, warnings } = reportOf(['cache.any', 'db.any', 'http.rates', 'rpc.price', 'rpc.prise'], {
      resources,
    });
    expect(problems.map(({ path }) => path)).toEqual(['functions.sell.uses.4']);
    expect(warnings).toEqual([expect.stringContaining('sell uses http.rates')]);
  }
});

it('names a grant of something that the capability does not know', () => {
  const source = { data: { resources: CONFIGURED }, locate: () => ({ source: 'sidecar.yml' }) };
  const settings = { source, written: source, overridden: new Set<string>(), unresolved: [] };
  const need = (access: string) => ({
    by: 'sell',
    resource: 'cache.carts',
    access,
    source: 's.yml',
    line: 4,
    path: 'p',
  });
  const report = checkNeeds(settings, { functions: [], needs: [need('read'), need('wriet'), need('publish')] });
  expect(report.problems.map(({ line, message }) => `${line} ${message}`)).toEqual([
    '4 cache has no access "wriet", only read, write; did you mean "cache.carts:write"?',
    '4 cache has no access "publish", only read, write',
  ]);
});

it('works on settings that are half wrong', () => {
  const { problems } = reportOf(['cache.a'], { resources: { cache: 'x', db: { b: null } }, timers: 7 });
  expect(problems).toHaveLength(1);
});
