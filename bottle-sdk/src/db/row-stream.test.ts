import { BATCHES, type SqlResult } from '@bottle/protos';
import { describe, expect, it } from 'vitest';
import { RowStream } from './row-stream.ts';

interface Row {
  id: number;
}

function create(sizes: readonly number[]): { rows: RowStream<Row>; seen: { parts: number; isClosed: boolean } } {
  const seen = { parts: 0, isClosed: false };
  async function* parts(): AsyncGenerator<SqlResult> {
    let id = 0;
    try {
      for (const size of sizes) {
        seen.parts += 1;
        const values = Array.from({ length: size }, () => [id++]);
        const columns = seen.parts === 1 ? [{ name: 'id', type: 'integer' }] : [];
        yield { columns, rows: values, affectedRows: 0, insertId: 0 };
      }
    } finally {
      seen.isClosed = true;
    }
  }
  return { rows: new RowStream<Row>(parts()), seen };
}

describe('RowStream', () => {
  it('gives the rows of all parts, in order, through empty ones', async () => {
    const { rows, seen } = create([0, 2, 0, 1]);
    expect(await Array.fromAsync(rows)).toEqual([{ id: 0 }, { id: 1 }, { id: 2 }]);
    expect(seen.isClosed).toBe(true);
    expect(await rows.next()).toEqual({ done: true, value: undefined });
  });
  it('asks for a part when the one before is taken', async () => {
    const { rows, seen } = create([2, 2]);
    expect(seen.parts).toBe(0);
    await rows.next();
    await rows.next();
    expect(seen.parts).toBe(1);
    await rows.next();
    expect(seen.parts).toBe(2);
  });
  it('ends the statement when its loop is left', async () => {
    const { rows, seen } = create([2, 2]);
    for await (const { id } of rows) if (id === 0) break;
    expect(seen).toEqual({ parts: 1, isClosed: true });
    expect(await rows.next()).toEqual({ done: true, value: undefined });
    await expect(rows.throw(new Error('thrown'))).rejects.toThrow('thrown');
  });
  it('answers calls that nobody waited for in order', async () => {
    const { rows } = create([2, 1]);
    const answers = await Promise.all([rows.next(), rows.next(), rows.next(), rows.next()]);
    expect(answers.map(({ value }) => value?.id)).toEqual([0, 1, 2, undefined]);
  });
  it('gives whole parts, and the rest of one that was begun', async () => {
    const { rows, seen } = create([3, 2, 2]);
    await rows.next();
    const batches = rows[BATCHES]();
    expect(await batches.next()).toEqual({ done: false, value: [{ id: 1 }, { id: 2 }] });
    expect(await batches.next()).toEqual({ done: false, value: [{ id: 3 }, { id: 4 }] });
    await batches.return?.();
    expect(seen).toEqual({ parts: 2, isClosed: true });
  });
});
