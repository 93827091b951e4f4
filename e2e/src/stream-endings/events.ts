// CloudEvents whose function answers with a stream: results are sent whole, so any ending that is not the good one is 500.
import { leaveHttp1 } from './clients.ts';
import type { Row } from './row.ts';
import type { Stage } from './stage.ts';

const HEADERS = {
  'ce-specversion': '1.0',
  'ce-type': 'com.example.ending',
  'ce-source': '/test',
  'content-type': 'application/json',
};

export const sendEvent = (stage: Stage, kind: string): Promise<string> =>
  stage.http1('/events', {
    method: 'POST',
    headers: { ...HEADERS, 'ce-id': stage.newKey() },
    body: JSON.stringify({ kind }),
  });

const row = (ending: string, kind: string, expected: string, log: Row['log'], status: number): Row => ({
  part: 'CloudEvent',
  way: 'HTTP/1.1',
  ending,
  expected,
  act: (stage) => sendEvent(stage, kind),
  log,
  metric: `bottle_requests_total{function="event",status="${status}"}`,
});

export const events: Row[] = [
  row('a generator that comes to its end', 'good', '204 "", whole', 'nothing', 204),
  row('a generator that throws before its first value', 'first', '500 function-error', 'function', 500),
  row('a generator that throws after a value', 'after', '500 function-error', 'function', 500),
  {
    part: 'CloudEvent',
    way: 'HTTP/1.1',
    ending: 'an event that its sender cuts off',
    expected: 'gone',
    async act(stage) {
      const fields = Object.entries({ ...HEADERS, 'ce-id': stage.newKey() }).map(
        ([name, value]) => `${name}: ${value}`,
      );
      const head = `POST /events HTTP/1.1\r\nhost: pod\r\ncontent-length: 1000\r\n${fields.join('\r\n')}\r\n\r\n`;
      await leaveHttp1(stage.port, `${head}{"kind":`, (socket) => socket.destroy());
      stage.mark();
      return 'gone';
    },
    log: 'nothing',
    metric: 'bottle_requests_total{function="",status="499"}',
  },
];
