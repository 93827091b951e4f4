import { createHash, createHmac } from 'node:crypto';
import { prepare, SECRET } from '../../triggers/signed-client.ts';
import type { ParsedResponse } from '../response-parser.ts';
import type { DoorAnswer, OpenDoor } from './door.ts';
import { HttpPool } from './http-pool.ts';
import { fieldOf, formOf } from './judge-problem.ts';

interface Envelope {
  ret: { code: string; details?: { started?: boolean } };
  requestId: string;
}

/** The signed gateway: each request has a signature of its own, and each answer is looked at for its own. */
export const openGateway: OpenDoor = ({ http }, behind) => {
  const pool = new HttpPool(http);
  const api = behind === 'cpu' ? 'doors.compute' : 'doors.narrow';
  return {
    async ask(timeoutMs) {
      const { path, headers, body } = prepare({ api, body: '' });
      const answer = await pool.post(path, { 'x-bottle-timeout-ms': timeoutMs, ...headers }, body);
      if ('failed' in answer) return { kind: 'other', what: answer.failed };
      return judge(answer, headers['x-bottle-nonce'] ?? '');
    },
    close: () => pool.close(),
  };
};

function judge({ status, head, body }: ParsedResponse, nonce: string): DoorAnswer {
  if (fieldOf(head, 'x-bottle-sign') !== signatureOf(nonce, status, body)) {
    return { kind: 'other', what: `${status} without a signature` };
  }
  const { ret, requestId } = JSON.parse(body) as Envelope;
  if (ret.code === 'ok') return { kind: 'good' };
  if (ret.code === 'overloaded') {
    const retryAfter = fieldOf(head, 'retry-after');
    return { kind: 'refused', form: `${formOf(status, { retryAfter, started: ret.details?.started })}, signed` };
  }
  return { kind: 'other', what: `${status} ${ret.code}`, ...(status === 504 ? { lateId: requestId } : {}) };
}

function signatureOf(nonce: string, status: number, body: string): string {
  const bodyHash = createHash('sha256').update(body, 'latin1').digest('hex');
  return createHmac('sha256', SECRET).update(`RESPONSE\n${nonce}\n${status}\n${bodyHash}`).digest('hex');
}
