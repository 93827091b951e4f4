// The doors that are plain HTTP/1.1 requests: a route, a CloudEvent in binary mode, and a route whose function calls another one.
import { randomUUID } from 'node:crypto';
import type { Behind, Door, DoorPorts, OpenDoor } from './door.ts';
import { HttpPool } from './http-pool.ts';
import { fieldOf, judgeProblem } from './judge-problem.ts';

interface PlainRequest {
  path: string;
  fields: object;
}

/** A door that sends what `requestOf` makes, and gets problem documents. */
function openPlain({ http }: DoorPorts, requestOf: () => PlainRequest): Door {
  const pool = new HttpPool(http);
  return {
    async ask(timeoutMs) {
      const { path, fields } = requestOf();
      const answer = await pool.post(path, { 'x-bottle-timeout-ms': timeoutMs, ...fields });
      if ('failed' in answer) return { kind: 'other', what: answer.failed };
      const { status, head, body } = answer;
      return judgeProblem({ status, retryAfter: fieldOf(head, 'retry-after'), body });
    },
    close: () => pool.close(),
  };
}

export const openHttp1: OpenDoor = (ports, behind) => openPlain(ports, () => ({ path: `/${behind}`, fields: {} }));

export const openRpc: OpenDoor = (ports, behind) => openPlain(ports, () => ({ path: `/ask?of=${behind}`, fields: {} }));

export const openCloudEvents: OpenDoor = (ports, behind) =>
  openPlain(ports, () => ({ path: '/events', fields: eventFields(behind) }));

function eventFields(behind: Behind): object {
  const type = behind === 'cpu' ? 'doors.compute' : 'doors.narrow';
  return { 'ce-specversion': '1.0', 'ce-id': randomUUID(), 'ce-source': '/doors', 'ce-type': type };
}
