// What a function container of another make might answer: ours refuses it before it is sent.
import { connect, type IncomingHttpHeaders } from 'node:http2';
import { afterEach, describe, expect, it } from 'vitest';
import type { BottleError } from '@bottle/protos';
import { sidecarConfigSchema } from '../config.ts';
import type { Outcome } from '../layer.ts';
import { problemOf } from '../problem.ts';
import { createHttpIngress, type HttpIngress } from './http-ingress.ts';

let ingress: HttpIngress | undefined;
afterEach(() => ingress?.close());

async function answering(outcome: () => Outcome): Promise<{ port: number; h2cPort: number; failures: BottleError[] }> {
  const { limits, http, http2 } = sidecarConfigSchema.parse({ http2: { enabled: true } });
  const failures: BottleError[] = [];
  ingress = createHttpIngress({
    nextId: () => 'a'.repeat(32),
    limits,
    tls: http.tls,
    h2c: http2.enabled,
    maxConcurrentStreams: http.maxConcurrentStreams,
    compression: http.compression,
    protocols: [],
    corsOf: () => undefined,
    problemOf,
    carry: async (_invocation, respond) => respond(outcome()),
    onFinished: (_invocation, _exchange, error) => error && failures.push(error),
  });
  const port = await ingress.listen('127.0.0.1', 0);
  return { port, h2cPort: (await ingress.listenH2c('127.0.0.1', 0)) ?? 0, failures };
}

function response(status: number, headers: string[], isStream = false): Outcome & { isCancelled: () => boolean } {
  let isCancelled = false;
  const answer = {
    outcome: 'http',
    http: { status, headers },
    streamed: isStream,
    unfinished: false,
    ticket: '',
    metadata: [],
    trailer: [],
  };
  const stream = {
    chunks: (async function* () {
      yield Buffer.from('body');
    })(),
    cancel: () => (isCancelled = true),
  };
  const body = Buffer.from('body');
  return {
    response: { ...answer, body } as Outcome['response'],
    ...(isStream ? { stream } : {}),
    isCancelled: () => isCancelled,
  };
}

const askHttp2 = (port: number): Promise<IncomingHttpHeaders> =>
  new Promise((resolve, reject) => {
    const session = connect(`http://127.0.0.1:${port}`);
    const stream = session.request({ ':path': '/' });
    stream
      .on('response', resolve)
      .on('error', reject)
      .on('close', () => session.destroy())
      .resume();
  });

describe('a head that HTTP cannot carry', () => {
  it.each([
    ['a line break in a value', 200, ['x-fine', '1', 'x-bad', 'a\r\nset-cookie: evil=1']],
    ['a character beyond Latin-1', 200, ['x-fine', '1', 'x-bad', '€']],
    ['no name', 200, ['x-fine', '1', 'x bad', '1']],
    ['an interim status', 101, ['x-fine', '1']],
    ['a status beyond all', 1_200, ['x-fine', '1']],
  ])('is function-error, and the log names the field: %s', async (_name, status, headers) => {
    for (const isStream of [false, true]) {
      const outcomes: ReturnType<typeof response>[] = [];
      const { port, h2cPort, failures } = await answering(() => {
        const outcome = response(status, [...headers], isStream);
        outcomes.push(outcome);
        return outcome;
      });
      const answer = await fetch(`http://127.0.0.1:${port}/`);
      expect([answer.status, answer.headers.get('x-fine'), answer.headers.get('set-cookie')]).toEqual([
        500,
        null,
        null,
      ]);
      expect(await answer.json()).toMatchObject({ reason: 'function-error' });
      const over2 = await askHttp2(h2cPort);
      expect([over2[':status'], over2['x-fine'], over2['set-cookie']]).toEqual([500, undefined, undefined]);
      const causes = failures.map(({ cause }) => String(cause));
      expect(causes).toHaveLength(2);
      for (const cause of causes) expect(cause).toMatch(status === 200 ? /x.bad/ : /status/i);
      expect(outcomes.map(({ isCancelled }) => isCancelled())).toEqual([isStream, isStream]);
      await ingress?.close();
    }
  });
});
