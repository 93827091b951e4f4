// Streams of bottle calls: what the function sees of their endings, and what its client does.
import type { Row } from './row.ts';
import type { Stage } from './stage.ts';

interface Ending {
  way: string;
  kind: string;
  ending: string;
  expected: string;
  /** Operation and code of the bottle call. */
  metric: string;
  log?: Row['log'];
  /** The peer has to have seen this of an upload. */
  upload?: 'whole' | 'cut';
}

const calls = (resource: string, operation: string, code: string): string =>
  `bottle_calls_total{resource="${resource}",operation="${operation}",code="${code}"}`;
const rows = (code: string): string => calls('db.shop', 'query', code);
const fetched = (code: string): string => calls('http.up', 'fetch', code);
const streamed = (code: string): string => calls('rpc.peer', 'stream', code);
const seen = (text: string): string => `200 ${JSON.stringify(text)}, whole`;

const ENDINGS: Ending[] = [
  {
    way: 'db rows',
    kind: 'rows-good',
    ending: 'come to their end',
    expected: seen('100000, whole'),
    metric: rows('OK'),
  },
  {
    way: 'db rows',
    kind: 'rows-first',
    ending: 'the database fails before the first',
    expected: seen('none, throws driver-error'),
    metric: rows('INVALID_ARGUMENT'),
  },
  {
    way: 'db rows',
    kind: 'rows-after',
    ending: 'the database fails after some',
    expected: seen('some, throws driver-error'),
    metric: rows('INVALID_ARGUMENT'),
  },
  {
    way: 'db rows',
    kind: 'rows-left',
    ending: 'the function leaves',
    expected: seen('2, left'),
    metric: rows('CANCELLED'),
  },
  {
    way: 'db rows',
    kind: 'rows-returned',
    ending: 'the database fails after some that the function returns',
    expected: '200 "{\\"i\\":1}\\n{\\"i\\":2}\\n{\\"i\\":3}\\n…", cut',
    metric: rows('INVALID_ARGUMENT'),
    log: 'function',
  },
  {
    way: 'cache subscription',
    kind: 'subscription-left',
    ending: 'the function leaves',
    expected: seen('1, left'),
    metric: calls('cache.sessions', 'subscribe', 'OK'),
  },
  {
    way: 'http body down',
    kind: 'fetch-good',
    ending: 'comes to its end',
    expected: seen('first'),
    metric: fetched('OK'),
  },
  {
    way: 'http body down',
    kind: 'fetch-first',
    ending: 'the upstream closes without an answer',
    expected: seen('throws resource-unavailable'),
    metric: fetched('UNAVAILABLE'),
  },
  {
    way: 'http body down',
    kind: 'fetch-after',
    ending: 'the upstream closes after a chunk',
    expected: seen('throws resource-unavailable'),
    metric: fetched('UNAVAILABLE'),
  },
  {
    way: 'http body down',
    kind: 'fetch-short',
    ending: 'fewer bytes than the upstream declared',
    expected: seen('throws resource-unavailable'),
    metric: fetched('UNAVAILABLE'),
  },
  {
    way: 'http body down',
    kind: 'fetch-gzip',
    ending: 'compressed bytes that stop before their end',
    expected: seen('throws resource-unavailable'),
    metric: fetched('UNAVAILABLE'),
  },
  {
    way: 'http body down',
    kind: 'fetch-returned-good',
    ending: 'returned as it is, comes to its end',
    expected: seen('first'),
    metric: fetched('OK'),
  },
  {
    way: 'http body down',
    kind: 'fetch-returned-gzip',
    ending: 'returned as it is, compressed by the upstream',
    expected: '200 "firstfirstfirstfirstfirs…", whole',
    metric: fetched('OK'),
  },
  {
    way: 'http body down',
    kind: 'fetch-returned-first',
    ending: 'returned as it is, the upstream closes before a chunk',
    expected: '503 dependency-unavailable',
    metric: fetched('UNAVAILABLE'),
    log: 'function',
  },
  {
    way: 'http body down',
    kind: 'fetch-returned',
    ending: 'returned as it is, the upstream closes after a chunk',
    expected: '200 "first", cut',
    metric: fetched('UNAVAILABLE'),
    log: 'function',
  },
  {
    way: 'http body down',
    kind: 'fetch-left',
    ending: 'the function leaves',
    expected: seen('1, left'),
    metric: fetched('CANCELLED'),
  },
  {
    way: 'http body up',
    kind: 'send-good',
    ending: 'comes to its end',
    expected: seen('taken'),
    metric: fetched('OK'),
    upload: 'whole',
  },
  {
    way: 'http body up',
    kind: 'send-source',
    ending: 'its source in the function throws',
    expected: seen('throws the source broke'),
    metric: fetched('CANCELLED'),
    upload: 'cut',
  },
  {
    way: 'http body up',
    kind: 'send-peer',
    ending: 'the upstream closes meanwhile',
    expected: seen('throws outcome-unknown'),
    metric: fetched('UNKNOWN'),
  },
  {
    way: 'rpc server stream',
    kind: 'down-first',
    ending: 'the service fails before the first message',
    expected: seen('none, throws grpc-error'),
    metric: streamed('INTERNAL'),
  },
  {
    way: 'rpc server stream',
    kind: 'down-after',
    ending: 'the service fails after a message',
    expected: seen('some, throws grpc-error'),
    metric: streamed('INTERNAL'),
  },
  {
    way: 'rpc server stream',
    kind: 'down-lost',
    ending: 'the connection to the service is lost',
    expected: seen('some, throws outcome-unknown'),
    metric: streamed('UNKNOWN'),
  },
  {
    way: 'rpc server stream',
    kind: 'down-left',
    ending: 'the function leaves',
    expected: seen('1, left'),
    metric: streamed('CANCELLED'),
  },
  {
    way: 'rpc client stream',
    kind: 'up-good',
    ending: 'comes to its end',
    expected: seen('2'),
    metric: streamed('OK'),
    upload: 'whole',
  },
  {
    way: 'rpc client stream',
    kind: 'up-source',
    ending: 'its source in the function throws',
    expected: seen('throws the source broke'),
    metric: streamed('CANCELLED'),
    upload: 'cut',
  },
  {
    way: 'rpc client stream',
    kind: 'up-peer',
    ending: 'the service fails meanwhile',
    expected: seen('throws grpc-error'),
    metric: streamed('INTERNAL'),
  },
  {
    way: 'rpc both ways',
    kind: 'both-source',
    ending: 'its source in the function throws',
    expected: seen('some, throws the source broke'),
    metric: streamed('CANCELLED'),
    upload: 'cut',
  },
  {
    way: 'rpc both ways',
    kind: 'both-peer',
    ending: 'the service fails after an answer',
    expected: seen('some, throws grpc-error'),
    metric: streamed('INTERNAL'),
  },
  {
    way: 'rpc both ways',
    kind: 'both-left',
    ending: 'the function leaves',
    expected: seen('1, left'),
    metric: streamed('CANCELLED'),
  },
];

export const resources: Row[] = ENDINGS.map(({ kind, upload, log = 'nothing', ...row }) => ({
  part: 'bottle stream',
  log,
  ...row,
  expected: upload ? `${row.expected}; the peer saw it ${upload}` : row.expected,
  async act(stage: Stage) {
    const answer = await stage.http1(`/resource/${kind}`);
    return upload ? `${answer}; the peer saw it ${await stage.uploadOf()}` : answer;
  },
}));
