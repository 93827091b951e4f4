import { afterEach, describe, expect, it } from 'vitest';
import type { Resource } from './resource.ts';
import { ResourceWatch } from './resource-watch.ts';

const watches: ResourceWatch[] = [];
afterEach(() => {
  for (const watch of watches.splice(0)) watch.close();
});

function watched() {
  const resource = { id: 'cache.main', driverName: 'redis', problem: undefined, trouble: undefined };
  const lines: string[] = [];
  const note = ({ reason, awayMs }: { reason?: string; awayMs?: number }, message: string): void =>
    void lines.push(`${message}: ${reason ?? awayMs}`);
  let now = 0;
  const resources = [resource as unknown as Resource];
  const watch = new ResourceWatch({ resources: () => resources, log: { info: note, error: note }, now: () => now });
  watches.push(watch);
  return {
    watch,
    lines,
    resource: resources[0] as Resource,
    /** Looks once a second, while it is in this trouble; `isProblem`: there is no connection. */
    pass(seconds: number, trouble: string | undefined, isProblem = true): void {
      Object.assign(resource, { problem: isProblem ? trouble : undefined, trouble });
      for (let second = 0; second < seconds; second++) {
        watch.look();
        now += 1_000;
      }
    },
  };
}

describe('ResourceWatch', () => {
  it('says once that a resource is away, and that it is back', () => {
    const { pass, lines } = watched();
    pass(5, undefined);
    pass(10, 'redis: connection refused');
    pass(5, undefined);
    expect(lines).toEqual([
      'resource is not available: redis: connection refused',
      'resource is available again: 10000',
    ]);
  });
  it('says nothing of what is over within two seconds', () => {
    const { pass, lines } = watched();
    for (let turn = 0; turn < 10; turn++) {
      pass(2, 'redis: closed');
      pass(1, undefined);
    }
    expect(lines).toEqual([]);
  });
  it('counts a resource as reached once it was, whatever comes later', () => {
    const { watch, pass, resource } = watched();
    pass(1, 'redis: connecting');
    expect(watch.wasReached(resource)).toBe(false);
    pass(1, 'its calls fail: the breaker is open', false);
    pass(1, 'redis: closed');
    expect(watch.wasReached(resource)).toBe(true);
  });
});
