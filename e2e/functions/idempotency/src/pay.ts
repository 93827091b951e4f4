import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { BottleError, type Code, defineFunction } from 'bottle-sdk';

interface Payment {
  /** What the file of executions calls it. */
  name: string;
  /** Milliseconds of work. */
  ms?: number;
  status?: number;
  /** Fails with this code. */
  code?: Code;
  /** Bytes of the result. */
  bytes?: number;
  as?: 'stream' | 'response' | 'endless';
}

/** Writes down that it ran, works, and answers with a random number: no two runs answer the same. */
export const pay = defineFunction.http<Payment>(async (ctx, { name, ms = 0, status, code, bytes, as }) => {
  appendFileSync(process.env['EXECUTED_FILE'] ?? '', `${name}\n`);
  await delay(ms, undefined, { signal: ctx.signal });
  if (code) throw new BottleError(code, 'pay-error', `failed as ${code}`, { details: { at: Math.random() } });
  const result = { name, number: Math.random() };
  if (as === 'response') {
    return Response.json(result, { status: status ?? 200, headers: { 'x-pay': String(result.number) } });
  }
  if (as === 'stream') return pieces(bytes ?? 1_000);
  if (as === 'endless') return pieces(Number.POSITIVE_INFINITY);
  if (status !== undefined) ctx.status = status;
  ctx.set('x-pay', String(result.number));
  ctx.set('set-cookie', 'paid=1');
  return bytes === undefined ? result : Buffer.alloc(bytes, String(result.number));
});

async function* pieces(bytes: number): AsyncGenerator<Buffer> {
  const mark = String(Math.random());
  for (let sent = 0; sent < bytes; sent += 1_000) {
    await delay(1);
    yield Buffer.alloc(1_000, mark);
  }
}
