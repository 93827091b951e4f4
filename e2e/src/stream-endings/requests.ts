// Request bodies that are cut off. Their client is gone: what counts is what the function saw.
import type { Stage } from './stage.ts';
import { leaveHttp1, leaveHttp2 } from './clients.ts';
import type { Row } from './row.ts';

const LEFT = 'throws client-left, aborted by client-left';
const COUNTED = 'bottle_requests_total{function="upload",status="499"}';

const head = (path: string, fields: string): string =>
  `POST ${path} HTTP/1.1\r\nhost: pod\r\ncontent-type: text/plain\r\n${fields}\r\n\r\n`;
const sized = (path: string): string => `${head(path, 'content-length: 1000')}ten bytes.`;
const chunked = (path: string): string => `${head(path, 'transfer-encoding: chunked')}a\r\nten bytes.\r\n`;

type Leave = (stage: Stage, path: string) => Promise<void>;

const WAYS: { way: string; ending: string; leave: Leave }[] = [
  {
    way: 'HTTP/1.1',
    ending: '10 of 1,000 declared bytes, then FIN',
    leave: (stage, path) => leaveHttp1(stage.port, sized(path), (socket) => socket.end()),
  },
  {
    way: 'HTTP/1.1',
    ending: '10 of 1,000 declared bytes, then RST',
    leave: (stage, path) => leaveHttp1(stage.port, sized(path), (socket) => socket.resetAndDestroy()),
  },
  {
    way: 'HTTP/1.1',
    ending: 'chunks without a last one, then FIN',
    leave: (stage, path) => leaveHttp1(stage.port, chunked(path), (socket) => socket.end()),
  },
  {
    way: 'HTTP/1.1',
    ending: 'chunks without a last one, then RST',
    leave: (stage, path) => leaveHttp1(stage.port, chunked(path), (socket) => socket.resetAndDestroy()),
  },
  {
    way: 'HTTP/2',
    ending: 'RST_STREAM CANCEL',
    leave: (stage, path) => leaveHttp2(stage.http2Port, path, {}, (stream) => stream.close(8)),
  },
  {
    way: 'HTTP/2',
    ending: 'RST_STREAM CANCEL, of a declared length',
    leave: (stage, path) => leaveHttp2(stage.http2Port, path, { 'content-length': '1000' }, (s) => s.close(8)),
  },
  {
    way: 'HTTP/2',
    ending: 'the connection is lost',
    leave: (stage, path) => leaveHttp2(stage.http2Port, path, {}, (stream) => stream.session?.destroy()),
  },
  {
    way: 'HTTP/2',
    ending: 'fewer bytes than declared',
    leave: (stage, path) => leaveHttp2(stage.http2Port, path, { 'content-length': '1000' }, (stream) => stream.end()),
  },
];

function rowOf(way: (typeof WAYS)[number], consumer: string): Row {
  return {
    part: 'request',
    way: way.way,
    ending: `${way.ending} (read as ${consumer})`,
    expected: LEFT,
    async act(stage) {
      const key = stage.newKey();
      await way.leave(stage, `/upload/${consumer}?key=${key}`);
      stage.mark();
      return stage.recordOf(key);
    },
    log: 'nothing',
    metric: COUNTED,
  };
}

const CONSUMERS = ['iterator', 'web', 'text', 'form', 'events', 'late'];
const [, , fin, , reset] = WAYS;

export const requests: Row[] = [
  {
    part: 'request',
    way: 'HTTP/1.1',
    ending: 'the whole body',
    expected: '200 "whole", whole',
    act: (stage) => stage.http1('/upload/pipeline?key=good', { method: 'POST', body: 'ten bytes.' }),
    log: 'nothing',
    metric: 'bottle_requests_total{function="upload",status="200"}',
  },
  ...WAYS.map((way) => rowOf(way, 'pipeline')),
  ...[fin, reset].flatMap((way) => (way ? CONSUMERS.map((consumer) => rowOf(way, consumer)) : [])),
  {
    part: 'request',
    way: 'HTTP/1.1',
    ending: 'a body beyond limits.maxStreamBytes',
    expected: '413 body-too-large',
    act: (stage) => stage.http1('/upload/pipeline?key=large', { method: 'POST', body: 'x'.repeat(2_000_000) }),
    log: 'nothing',
    metric: 'bottle_requests_total{function="upload",status="413"}',
  },
  {
    part: 'request',
    way: 'HTTP/1.1',
    ending: 'a body that the function sends back as it comes, cut off by its client',
    expected: 'closed, aborted by client-left',
    async act(stage) {
      const key = stage.newKey();
      await leaveHttp1(stage.port, chunked(`/echo?key=${key}`), (socket) => socket.destroy());
      stage.mark();
      return stage.recordOf(key);
    },
    log: 'nothing',
    metric: 'bottle_requests_total{function="echo",status="499"}',
  },
  ...WAYS.map(
    (way): Row => ({
      part: 'request',
      way: way.way,
      ending: `${way.ending} (a route that wants the whole body)`,
      expected: 'nothing',
      async act(stage) {
        const key = stage.newKey();
        await way.leave(stage, `/collected?key=${key}`);
        stage.mark();
        return stage.recordIn(key, 200);
      },
      log: 'nothing',
      metric: 'bottle_requests_total{function="collected",status="499"}',
    }),
  ),
];
