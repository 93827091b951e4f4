// A process of the pod dies while something streams.
import type { AskOptions } from './clients.ts';
import { sendEvent } from './events.ts';
import type { Row } from './row.ts';
import type { Stage } from './stage.ts';

type Ask = (options: AskOptions) => Promise<string>;

const soon = (kill: () => void): void => void setTimeout(kill, 200);
const requests = (status: number, name = 'result'): string =>
  `bottle_requests_total{function="${name}",status="${status}"}`;

const death = (
  which: 'sidecar' | 'runtime',
  way: string,
  ending: string,
  expected: string,
  row: Pick<Row, 'log' | 'metric'>,
  ask: (stage: Stage, kill: () => void) => Promise<string>,
): Row => ({
  part: which === 'sidecar' ? 'the sidecar dies' : 'the function process dies',
  way,
  ending,
  expected,
  act: (stage) => ask(stage, () => stage.kill(which)),
  ...row,
});

const first =
  (ask: (stage: Stage) => Ask) =>
  (stage: Stage, kill: () => void): Promise<string> =>
    ask(stage)({ onFirst: kill });
const before =
  (ask: (stage: Stage) => Promise<string>) =>
  (stage: Stage, kill: () => void): Promise<string> => {
    soon(kill);
    return ask(stage);
  };
const down = (stage: Stage, kill: () => void): Promise<string> =>
  stage.grpc((client) => client.down(`open ${stage.newKey()}`, kill).seen);

/** A stream of a bottle call that the function goes on with: what it says of it when the sidecar is gone. */
const resourceLost = (way: string, kind: string, expected: string): Row => ({
  part: 'the sidecar dies',
  way,
  ending: 'while the function reads',
  expected,
  async act(stage) {
    const key = stage.newKey();
    await stage.http1(`/resource/${kind}?key=${key}`);
    stage.kill('sidecar');
    stage.settle();
    await stage.restart();
    return stage.recordOf(key);
  },
  log: 'nothing',
  metric: '',
});

const CONNECTION_LOST = { log: 'sidecar', metric: requests(503) } as const;
const UNCOUNTED = { log: 'nothing', metric: '' } as const;
const UNAVAILABLE = 'bottle_rpc_requests_total{function="down",method="endings.v1.Endings/Down",code="UNAVAILABLE"}';

export const deaths: Row[] = [
  death(
    'runtime',
    'HTTP/1.1',
    'before the head',
    '503 connection-lost',
    { log: 'nothing', metric: requests(503) },
    before((stage) => stage.http1('/result/generator-never')),
  ),
  death(
    'runtime',
    'HTTP/1.1',
    'after a value',
    '200 "first", cut',
    CONNECTION_LOST,
    first((stage) => (options) => stage.http1('/result/die', options)),
  ),
  death(
    'runtime',
    'HTTP/2',
    'after a value',
    '200 "first", RST_STREAM INTERNAL_ERROR',
    CONNECTION_LOST,
    first((stage) => (options) => stage.http2('/result/die', options)),
  ),
  death(
    'runtime',
    'gRPC server stream',
    'after a message',
    'first, UNAVAILABLE',
    { log: 'nothing', metric: UNAVAILABLE },
    down,
  ),
  death(
    'runtime',
    'CloudEvent',
    'after a value',
    '503 connection-lost',
    { log: 'nothing', metric: requests(503, 'event') },
    before((stage) => sendEvent(stage, 'open')),
  ),
  death(
    'sidecar',
    'HTTP/1.1',
    'before the head',
    'cut',
    UNCOUNTED,
    before((stage) => stage.http1('/result/generator-never')),
  ),
  death(
    'sidecar',
    'HTTP/1.1',
    'after a value',
    '200 "first", cut',
    UNCOUNTED,
    first((stage) => (options) => stage.http1('/result/die', options)),
  ),
  death(
    'sidecar',
    'HTTP/2',
    'after a value',
    '200 "first", connection lost',
    UNCOUNTED,
    first((stage) => (options) => stage.http2('/result/die', options)),
  ),
  death('sidecar', 'gRPC server stream', 'after a message', 'first, UNAVAILABLE', UNCOUNTED, down),
  resourceLost('db rows', 'rows-open', 'some, throws connection-lost'),
  resourceLost('cache subscription', 'subscription-open', 'none, throws connection-lost'),
];
