import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestPod } from '../harness/pod.ts';
import type { TestProcess } from '../harness/process.ts';

/** As the log has it. */
interface Failure {
  reason: string;
  message: string;
}

interface Answer {
  status: number;
  body: { reason?: string; detail?: string; details?: { chain?: string[]; resource?: string } } & Record<
    string,
    unknown
  >;
}

describe('functions that call each other', () => {
  let pod: TestPod & { runtime: TestProcess };
  beforeAll(async () => {
    pod = await TestPod.start({ project: 'chains' });
  });
  afterAll(() => pod.end());

  async function start(name: string, event: unknown = {}): Promise<Answer> {
    const response = await fetch(`${pod.url}/start`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, event }),
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  }
  const many = (count: number, work: () => Promise<Answer>): Promise<Answer[]> =>
    Promise.all(Array.from({ length: count }, work));
  const statuses = (answers: readonly Answer[]): Set<number> => new Set(answers.map(({ status }) => status));

  it('may go 32 deep', async () => {
    expect(await start('down', { levels: 31 })).toMatchObject({ status: 200, body: 31 });
  });

  it('are refused at once beyond, with the chain, and no later call has to suffer for it', async () => {
    const startedAt = performance.now();
    const { status, body } = await start('down', { levels: 2_000 });
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    expect(status).toBe(508);
    expect(body).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'call-depth' });
    expect(body.details?.chain).toEqual(['start', ...Array.from({ length: 32 }, () => 'down')]);
    expect(body.detail).toContain('start → down → down');
    expect(statuses(await many(50, () => start('harmless')))).toEqual(new Set([200]));
    expect(await start('down', { levels: 3 })).toMatchObject({ status: 200, body: 3 });
  });

  it('do not wait for the places that their callers hold: forty chains through four places', async () => {
    const answers = await many(40, () => start('down', { levels: 20 }));
    expect(statuses(answers)).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set([20]));
  });

  it('nor for those that other chains hold, which wait for theirs', async () => {
    const both = await Promise.all([
      many(30, () => start('ping', { levels: 10 })),
      many(30, () => start('pong', { levels: 10 })),
    ]);
    expect(statuses(both.flat())).toEqual(new Set([200]));
  });

  it('spread out through two places', async () => {
    expect(await start('spread', { levels: 4 })).toMatchObject({ status: 200, body: 625 });
  });

  it('keep to the concurrency of a function that runs, whoever calls it', async () => {
    const answers = await many(60, () => start('alone'));
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set([1]));
  });

  it('have a breaker for each target: one that fails says nothing about the others', async () => {
    for (let at = 0; at < 6; at++) expect((await start('failing')).body.reason).toBe('dependency-unavailable');
    const { err } = await pod.runtime.line((line) => (line['err'] as Failure | undefined)?.reason === 'breaker-open');
    expect(err).toMatchObject({ details: { resource: 'rpc.failing' } });
    expect((err as Failure).message).toContain('rpc.failing has failed');
    expect(statuses(await many(50, () => start('harmless')))).toEqual(new Set([200]));
  });
});
