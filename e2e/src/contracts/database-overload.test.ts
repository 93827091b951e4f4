// More statements than a MySQL can do: those that cannot be done in time are refused, and the others are done.
import { setTimeout as delay } from 'node:timers/promises';
import type { BottleError } from 'bottle-sdk';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { openSidecar } from './target.ts';

const CONNECTIONS = 2;
const STATEMENT_MS = 20;
const PER_SECOND = (CONNECTIONS * 1_000) / STATEMENT_MS;
const DEADLINE_MS = 1_000;
const SECONDS = 4;
const TIMES = 5;

const mysqlUrl = inject('mysqlUrl');

describe.skipIf(mysqlUrl === undefined)('mysql under overload', () => {
  it('does its work, and nobody waits in vain for all of their time', async () => {
    const resources = { db: { busy: { driver: 'mysql', url: mysqlUrl, connections: CONNECTIONS } } };
    const target = await openSidecar(resources);
    onTestFinished(() => target.close());
    const db = target.bottle.db('busy').with({ timeoutMs: DEADLINE_MS });
    const outcomes = new Map<string, number>();
    const count = (kind: string): void => void outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
    const calls: Promise<void>[] = [];
    const startedAt = performance.now();
    while (performance.now() < startedAt + SECONDS * 1_000) {
      const due = Math.floor(((performance.now() - startedAt) / 1_000) * PER_SECOND * TIMES);
      while (calls.length < due)
        calls.push(
          db.sql`select sleep(${STATEMENT_MS / 1_000})`.then(
            () => count('good'),
            (error: unknown) => count((error as BottleError).reason),
          ),
        );
      await delay(5);
    }
    await Promise.all(calls);
    expect([...outcomes.keys()].toSorted()).toEqual(['good', 'overloaded']);
    expect(outcomes.get('good')).toBeGreaterThan(PER_SECOND * SECONDS * 0.5);
    await db.sql`select 1`;
  });
});
