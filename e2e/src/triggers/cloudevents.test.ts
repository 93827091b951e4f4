import { CloudEvent, HTTP } from 'cloudevents';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestPod } from '../harness/pod.ts';
import type { TestProcess } from '../harness/process.ts';

let pod: TestPod & { sidecar: TestProcess };
beforeAll(async () => {
  pod = await TestPod.start({ project: 'cloudevents', sidecarArgs: ['--limits-max-body-bytes', '1000000'] });
});
afterAll(() => pod.end());

interface Problem {
  status: number;
  reason: string;
  detail: string;
  invocationId: string;
  details: {
    complaints?: { attribute: string; message: string }[];
    events?: { index: number; id?: string; complaints: { attribute: string }[] }[];
    failures?: { index: number; id: string; function?: string; status: number; reason: string }[];
    succeeded?: number;
  };
}

let nextId = 0;
const uniqueId = (): string => `e-${(nextId += 1)}`;

function send(
  headers: Record<string, string>,
  body?: string | Uint8Array<ArrayBuffer>,
  path = '/events',
): Promise<Response> {
  return fetch(pod.url + path, { method: 'POST', headers, ...(body === undefined ? {} : { body }) });
}

const binary = (
  type: string,
  more: Record<string, string> = {},
  body?: string | Uint8Array<ArrayBuffer>,
  path?: string,
) => send({ 'ce-specversion': '1.0', 'ce-id': uniqueId(), 'ce-source': '/test', 'ce-type': type, ...more }, body, path);
const structured = (event: object, path?: string) =>
  send(
    { 'content-type': 'application/cloudevents+json; charset=utf-8' },
    JSON.stringify({ specversion: '1.0', id: uniqueId(), source: '/test', ...event }),
    path,
  );
const batch = (events: unknown) =>
  send({ 'content-type': 'application/cloudevents-batch+json' }, JSON.stringify(events));
const problem = async (response: Response): Promise<Problem> => {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return (await response.json()) as Problem;
};
const inspected = async (response: Promise<Response>) => {
  const answer = await response;
  expect(answer.status).toBe(200);
  const { data } = (await answer.json()) as { data: Record<string, unknown> };
  return data as Record<string, unknown> & { attributes: Record<string, unknown>; requestId: string };
};
const seen = async (name: string): Promise<unknown[]> => {
  const all = (await (await fetch(`${pod.url}/seen`)).json()) as Record<string, unknown[]>;
  return all[name] ?? [];
};

describe('a valid event', () => {
  const INSPECT = 'com.example.inspect';

  it('in binary mode reaches the function with its attributes, extensions and parsed JSON', async () => {
    const headers = {
      'content-type': 'application/json',
      'ce-time': '2024-01-01T00:00:00.123456+02:00',
      'ce-subject': 'a',
      'ce-region': 'eu',
    };
    const data = await inspected(binary(INSPECT, headers, '{"a":[1]}'));
    expect(data).toMatchObject({
      data: { a: [1] },
      trigger: 'cloudevent',
      attributes: {
        specversion: '1.0',
        type: INSPECT,
        source: '/test',
        subject: 'a',
        time: '2024-01-01T00:00:00.123456+02:00',
        datacontenttype: 'application/json',
        region: 'eu',
      },
    });
    expect(data['ctxAttributes']).toMatchObject({ type: INSPECT, source: '/test', subject: 'a' });
    expect(Object.keys(data.attributes)).not.toContain('data_base64');
  });

  it('in structured mode reaches the function with data of any JSON type', async () => {
    for (const value of [{ b: 2 }, [1], 'text', 0, false, null, '']) {
      expect((await inspected(structured({ type: INSPECT, data: value })))['data']).toEqual(value);
    }
    expect((await inspected(structured({ type: INSPECT })))['kind']).toBe('undefined');
  });

  it('carries bytes and text both ways unchanged', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const octets = { 'content-type': 'application/octet-stream' };
    const asBuffer = { kind: 'buffer', data: bytes.toString('hex') };
    expect(await inspected(binary(INSPECT, octets, bytes))).toMatchObject(asBuffer);
    const base64 = bytes.toString('base64');
    expect(await inspected(structured({ type: INSPECT, data_base64: base64 }))).toMatchObject(asBuffer);
    const text = { 'content-type': 'text/plain; charset=utf-8' };
    expect(await inspected(binary(INSPECT, text, 'grüße'))).toMatchObject({ kind: 'string', data: 'grüße' });
    const jsonBytes = Buffer.from('{"x":1}').toString('base64');
    const wrapped = structured({ type: INSPECT, data_base64: jsonBytes, datacontenttype: 'application/json' });
    expect((await inspected(wrapped))['data']).toEqual({ x: 1 });
  });

  it('larger than a frame of the channel arrives whole', async () => {
    const large = 'x'.repeat(600_000);
    const data = await inspected(structured({ type: INSPECT, data: large }));
    expect(data['data']).toBe(large);
  });

  it('has percent-encoded and quoted header values decoded', async () => {
    const headers = { 'ce-subject': 'Gr%C3%BC%C3%9Fe%20%E2%82%AC', 'ce-quoted': '"a \\"b\\" c"' };
    const { attributes } = await inspected(binary(INSPECT, headers));
    expect(attributes).toMatchObject({ subject: 'Grüße €', quoted: 'a "b" c' });
  });

  it('written by the official library is understood in both modes', async () => {
    const event = new CloudEvent({ type: INSPECT, source: '/official', subject: 's', data: { a: 1 }, tenant: 'acme' });
    for (const message of [HTTP.binary(event), HTTP.structured(event)]) {
      const { attributes, data } = await inspected(send(message.headers as never, message.body as string));
      expect(attributes).toMatchObject({ id: event.id, source: '/official', subject: 's', tenant: 'acme' });
      expect(data).toEqual({ a: 1 });
    }
  });

  it('is one invocation with the request’s id, in the trace of the header or else of the extension', async () => {
    const extension = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const { requestId } = await inspected(structured({ type: INSPECT }));
    const line = await pod.sidecar.line((fields) => fields['invocationId'] === requestId);
    expect(line).toMatchObject({ function: 'inspect', path: '/events', status: 200 });
    const traceId = (value: unknown): string => String(value).split('-')[1] ?? '';
    const byExtension = await inspected(structured({ type: INSPECT, traceparent: extension }));
    expect(traceId(byExtension['traceparent'])).toBe('0af7651916cd43dd8448eb211c80319c');
    const header = '00-11111111111111111111111111111111-b7ad6b7169203331-01';
    const byHeader = await inspected(binary(INSPECT, { traceparent: header, 'ce-traceparent': extension }));
    expect(traceId(byHeader['traceparent'])).toBe('11111111111111111111111111111111');
  });

  it('without a result is answered 204', async () => {
    const response = await structured({ type: 'com.example.order.paid', source: '/elsewhere' });
    expect(response.status).toBe(204);
    expect(await response.text()).toBe('');
  });
});

describe('an invalid event', () => {
  it('is refused with all that is wrong with it', async () => {
    const response = await send({ 'ce-id': '', 'ce-source': 'a b', 'ce-time': 'yesterday', 'ce-Bad_Name': '1' });
    expect(response.status).toBe(400);
    const { reason, details } = await problem(response);
    expect(reason).toBe('invalid-cloudevent');
    expect(details.complaints?.map(({ attribute }) => attribute).sort()).toEqual([
      'bad_name',
      'id',
      'source',
      'specversion',
      'time',
      'type',
    ]);
  });
  it.each([
    ['no CloudEvent at all', { 'content-type': 'application/json' }, '{}'],
    ['broken JSON', { 'content-type': 'application/cloudevents+json' }, '{'],
    ['a list where one event is announced', { 'content-type': 'application/cloudevents+json' }, '[]'],
    ['one event where a list is announced', { 'content-type': 'application/cloudevents-batch+json' }, '{}'],
    ['an empty body', { 'content-type': 'application/cloudevents+json' }, ''],
  ])('is refused: %s', async (_what, headers, body) => {
    const response = await send(headers, body);
    expect([response.status, (await problem(response)).reason]).toEqual([400, 'invalid-cloudevent']);
  });
  it.each([
    ['an unknown version', { type: 'x', specversion: '0.3' }, 'specversion'],
    ['data that is not base64', { type: 'x', data_base64: '###' }, 'data_base64'],
    ['data twice', { type: 'x', data_base64: 'AA==', data: 1 }, 'data'],
    ['an extension that is an object', { type: 'x', nested: {} }, 'nested'],
    ['an extension that is a fraction', { type: 'x', share: 1.5 }, 'share'],
    ['an empty subject', { type: 'x', subject: '' }, 'subject'],
    ['an id that is a number', { type: 'x', id: 7 }, 'id'],
    ['a schema that is no URI', { type: 'x', dataschema: 'no uri' }, 'dataschema'],
  ])('is refused: %s', async (_what, event, attribute) => {
    const response = await structured(event);
    expect(response.status).toBe(400);
    expect((await problem(response)).details.complaints?.map((complaint) => complaint.attribute)).toEqual([attribute]);
  });
  it('whose JSON data does not parse is refused', async () => {
    const response = await binary('com.example.inspect', { 'content-type': 'application/json' }, '{"a"');
    expect((await problem(response)).details.complaints).toMatchObject([{ attribute: 'data' }]);
  });
  it('in a format that nobody reads here gets 415', async () => {
    const response = await send({ 'content-type': 'application/cloudevents+avro' }, 'x');
    expect([response.status, (await problem(response)).reason]).toEqual([415, 'unknown-cloudevent-format']);
  });
  it('that is too large gets 413', async () => {
    const response = await structured({ type: 'com.example.inspect', data: 'x'.repeat(1_000_001) });
    expect([response.status, (await problem(response)).reason]).toEqual([413, 'body-too-large']);
  });
});

describe('routing', () => {
  it('gives an event to every function whose type, source and subject filters it passes', async () => {
    const at = (source: string, subject?: string) => {
      const id = uniqueId();
      const event = { type: 'com.example.order.paid', source, id, ...(subject === undefined ? {} : { subject }) };
      return structured(event).then((response) => ({ id, status: response.status }));
    };
    const both = [await at('/shop', 'order-1'), await at('/market/eu', 'order-')];
    const auditOnly = [await at('/shop', 'invoice-1'), await at('/shop'), await at('/market', 'order-1')];
    const all = [...both, ...auditOnly];
    expect(all.map(({ status }) => status)).toEqual([204, 204, 204, 204, 204]);
    const [orders, audit] = [await seen('orders'), await seen('audit')];
    expect(both.every(({ id }) => orders.includes(id))).toBe(true);
    expect(auditOnly.some(({ id }) => orders.includes(id))).toBe(false);
    expect(all.every(({ id }) => audit.includes(id))).toBe(true);
  });
  it('gives an event once to a function with two triggers for it', async () => {
    const id = uniqueId();
    expect((await structured({ type: 'com.example.failing', id })).status).toBe(204);
    expect((await seen('failing')).filter((each) => each === id)).toHaveLength(1);
  });
  it('answers 404 with the reason when no function takes an event', async () => {
    const response = await structured({ type: 'com.example.unknown' });
    const { status, reason, detail } = await problem(response);
    expect([response.status, status, reason]).toEqual([404, 404, 'no-event-function']);
    expect(detail).toContain('com.example.unknown');
    expect((await structured({ type: 'com.example.inspect' }, '/ask')).status).toBe(404);
  });
  it('leaves other paths and methods to the routes', async () => {
    expect((await fetch(`${pod.url}/events`)).status).toBe(200);
    expect((await send({}, '{}', '/nowhere')).status).toBe(404);
  });
});

describe('a function that fails', () => {
  it.each([
    [{ status: 422 }, 422, 'function-error'],
    [{ status: 503 }, 503, 'function-error'],
    [{ status: 429 }, 429, 'function-error'],
    [{ reason: 'no-order' }, 404, 'no-order'],
  ])('with %o decides by its status whether the sender tries again: %i', async (data, status, reason) => {
    const response = await structured({ type: 'com.example.failing', data });
    expect([response.status, (await problem(response)).reason]).toEqual([status, reason]);
  });
  it('by the data’s schema answers 400 with the issues', async () => {
    const response = await structured({ type: 'com.example.typed', data: { price: 'much' } });
    expect([response.status, (await problem(response)).reason]).toEqual([400, 'invalid-input']);
    expect((await structured({ type: 'com.example.typed', data: { price: 3 } })).status).toBe(204);
    expect(await seen('typed')).toEqual([{ price: 3 }]);
  });
});

describe('a batch', () => {
  const event = (more: object) => ({ specversion: '1.0', id: uniqueId(), source: '/test', ...more });

  it('runs all of its events, whatever their functions', async () => {
    const events = Array.from({ length: 200 }, () => event({ type: 'com.example.order.paid', source: '/batch' }));
    expect((await batch(events)).status).toBe(204);
    const audit = await seen('audit');
    expect(events.every(({ id }) => audit.includes(id))).toBe(true);
    expect((await batch([])).status).toBe(204);
  });
  it('with an invalid event runs none of them, and names each that is wrong', async () => {
    const good = event({ type: 'com.example.order.paid' });
    const response = await batch([good, { id: 'bad-1' }, 7]);
    expect(response.status).toBe(400);
    const { reason, details } = await problem(response);
    expect(reason).toBe('invalid-cloudevent');
    expect(details.events?.map(({ index, id }) => [index, id])).toEqual([
      [1, 'bad-1'],
      [2, undefined],
    ]);
    expect(await seen('audit')).not.toContain(good.id);
  });
  it('that fails in part names the failures with their ids; one that may pass later decides the status', async () => {
    const events = [
      event({ type: 'com.example.order.paid' }),
      event({ type: 'com.example.failing', data: { status: 404 } }),
      event({ type: 'com.example.failing', data: { status: 503 } }),
      event({ type: 'com.example.unknown' }),
    ];
    const response = await batch(events);
    expect(response.status).toBe(503);
    const { reason, details } = await problem(response);
    expect(reason).toBe('cloudevents-failed');
    expect(details.succeeded).toBe(1);
    expect(details.failures).toMatchObject([
      { index: 1, id: events[1]?.id, function: 'failing', status: 404 },
      { index: 2, id: events[2]?.id, function: 'failing', status: 503 },
      { index: 3, id: events[3]?.id, status: 404, reason: 'no-event-function' },
    ]);
    expect(await seen('audit')).toContain(events[0]?.id);
    const final = await batch([events[0], events[1]]);
    expect(final.status).toBe(404);
    await final.arrayBuffer();
  });
  it('answers with a batch of the events that functions returned', async () => {
    const response = await batch([event({ type: 'com.example.inspect' }), event({ type: 'com.example.inspect' })]);
    expect(response.headers.get('content-type')).toBe('application/cloudevents-batch+json; charset=utf-8');
    expect(((await response.json()) as object[]).length).toBe(2);
  });
});

describe('an event in return', () => {
  const ask = (kind: string) => structured({ type: 'com.example.ask', data: { kind } }, '/ask');

  it('is what a function returns that looks like one', async () => {
    const response = await ask('json');
    expect(response.headers.get('content-type')).toBe('application/cloudevents+json; charset=utf-8');
    const reply = HTTP.toEvent<{ to: string }>({
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    });
    expect(reply).toMatchObject({
      type: 'com.example.answer',
      source: '/answers',
      id: expect.stringMatching(/^re-e-/),
    });
    expect(await (await ask('bytes')).json()).toMatchObject({ data_base64: 'AAH/' });
  });
  it('is nothing else: other results are not for the sender', async () => {
    const response = await ask('none');
    expect([response.status, await response.text()]).toEqual([204, '']);
  });
  it('that is invalid is the function’s mistake', async () => {
    const response = await ask('invalid');
    expect([response.status, (await problem(response)).reason]).toEqual([500, 'invalid-cloudevent-reply']);
  });
});

describe('the webhook handshake', () => {
  const options = (url: string, headers: Record<string, string>) =>
    fetch(`${url}/events`, { method: 'OPTIONS', headers });

  it('allows any origin unless told otherwise', async () => {
    const headers = { 'webhook-request-origin': 'events.example.com', 'webhook-request-rate': '120' };
    const response = await options(pod.url, headers);
    expect(response.status).toBe(200);
    expect(response.headers.get('webhook-allowed-origin')).toBe('*');
    expect(response.headers.get('webhook-allowed-rate')).toBe('*');
    expect(response.headers.get('allow')).toBe('OPTIONS, POST');
  });
  it('without an origin only tells the methods', async () => {
    const response = await options(pod.url, {});
    expect([response.status, response.headers.get('webhook-allowed-origin')]).toEqual([204, null]);
  });
});

describe('idempotency by id', () => {
  it('runs an event once for each source, in whatever mode it comes again', async () => {
    const id = uniqueId();
    const runOf = async (response: Response) => ((await response.json()) as { data: number }).data;
    const first = await runOf(await structured({ type: 'com.example.once', id, data: { a: 1 } }));
    const headers = { 'ce-id': id, 'content-type': 'application/json' };
    expect(await runOf(await binary('com.example.once', headers, '{"a":1}'))).toBe(first);
    const other = await structured({ type: 'com.example.once', id, source: '/other', data: { a: 1 } });
    expect(await runOf(other)).not.toBe(first);
  });
});

describe('metrics', () => {
  it('count deliveries by function and outcome, and refusals by reason', async () => {
    const text = await (await pod.admin('/metrics')).text();
    expect(text).toMatch(/bottle_cloudevents_total\{function="audit",outcome="ok"\} \d+/);
    expect(text).toMatch(/bottle_cloudevents_total\{function="failing",outcome="failed"\} \d+/);
    expect(text).toMatch(/bottle_rejections_total\{reason="invalid-cloudevent"\} \d+/);
  });
});
