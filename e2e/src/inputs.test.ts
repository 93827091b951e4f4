import { afterAll, beforeAll, expect, it } from 'vitest';
import { json } from './harness/json.ts';
import { TestPod } from './harness/pod.ts';

let pod: TestPod;
beforeAll(async () => {
  pod = await TestPod.start({ project: 'inputs' });
});
afterAll(() => pod.end());

const send = (body: string): Promise<Response> =>
  fetch(`${pod.url}/order`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });

it('the function gets what its input schema makes of the body', async () => {
  const response = await send(JSON.stringify({ id: 'a', lines: [{ quantity: '2' }, { quantity: 3 }] }));
  expect([response.status, await response.json()]).toEqual([200, { id: 'a', total: 5 }]);
});

it('the client is told every mistake and its place: 400, problem+json', async () => {
  const response = await send(JSON.stringify({ lines: [{ quantity: 1 }, { quantity: 0 }] }));
  expect([response.status, response.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
  const problem = await json<{ details: { issues: { path: string; message: string }[] } }>(response);
  expect(problem).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'invalid-input', status: 400 });
  expect(problem.details.issues).toEqual([
    { path: 'id', message: expect.stringContaining('string') },
    { path: 'lines.1.quantity', message: expect.stringContaining('1') },
  ]);
});

it('a body that is missing is a mistake as any other', async () => {
  const response = await fetch(`${pod.url}/order`, { method: 'POST' });
  expect((await json<{ reason: string }>(response)).reason).toBe('invalid-input');
});
