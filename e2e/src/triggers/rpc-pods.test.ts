import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestPod } from '../harness/pod.ts';

interface Asked {
  own: { traceparent: string };
  answer: { traceparent: string; baggage: string; remainingMs: string; metadata: Record<string, string>; pid: number };
  seen: { head: string[]; trailer: string[] };
}

let depot: TestPod & { runtime: { pid: number } };
let caller: TestPod;
let folder: string;
beforeAll(async () => {
  const started = await TestPod.start({ project: 'rpc' });
  depot = started;
  const address = `127.0.0.1:${await started.untilRpc(started.sidecar)}`;
  folder = mkdtempSync(join(tmpdir(), 'bottle-caller-'));
  const config = join(folder, 'sidecar.yml');
  writeFileSync(config, JSON.stringify({ resources: { rpc: { depot: { driver: 'grpc', addresses: [address] } } } }));
  caller = await TestPod.start({ project: 'rpc-caller', sidecarArgs: ['--config', config] });
});
afterAll(async () => {
  await Promise.all([caller?.end(), depot?.end()]);
  rmSync(folder, { recursive: true, force: true });
});

async function post<Answer>(path: string, body: object, headers: Record<string, string> = {}): Promise<Answer> {
  const init = {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  };
  return (await (await fetch(caller.url + path, init)).json()) as Answer;
}

describe('a call of another pod’s gRPC method', () => {
  it('takes trace, baggage, deadline and metadata along', async () => {
    const traceId = 'c'.repeat(32);
    const headers = { traceparent: `00-${traceId}-${'d'.repeat(16)}-01`, baggage: 'tenant=acme' };
    const { answer, seen } = await post<Asked>('/ask', {}, headers);
    expect(answer).toMatchObject({ baggage: 'tenant=acme', pid: depot.runtime.pid });
    expect(answer.traceparent).toContain(traceId);
    expect(answer.metadata).toMatchObject({ 'x-from': 'ask' });
    expect(Number(answer.remainingMs)).toBeGreaterThan(500);
    expect(Number(answer.remainingMs)).toBeLessThanOrEqual(3_000);
    expect(seen).toEqual({ head: ['one, two'], trailer: ['last'] });
  });

  it('gives its caller the code, the text, and the reason with its details', async () => {
    expect(await post('/ask', { what: 'fail FAILED_PRECONDITION' })).toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'grpc-error',
      message: 'told to: FAILED_PRECONDITION – ünïcode',
      details: { errorInfo: { reason: 'told-to', domain: 'depot', metadata: { left: '3', item: 'lamp' } } },
    });
    expect(await post('/ask', { what: '' })).toMatchObject({
      code: 'INVALID_ARGUMENT',
      details: { fieldViolations: [{ field: 'what', description: 'must say something' }] },
    });
  });

  it('ends with its caller’s deadline', async () => {
    const answer = await post<{ reason: string }>('/ask', { what: 'hang' }, { 'x-bottle-timeout-ms': '800' });
    expect(answer.reason).toBe('deadline');
  });

  it('may answer with a stream', async () => {
    expect((await post<string[]>('/list', { count: 200 })).length).toBe(200);
  });
});
