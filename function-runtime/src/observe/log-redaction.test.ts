import { Writable } from 'node:stream';
import { createLogRedaction } from '@bottle/protos';
import { pino, stdSerializers } from 'pino';
import { expect, it } from 'vitest';

it('is what pino writes, children included', () => {
  const lines: string[] = [];
  const out = new Writable({ write: (chunk, _encoding, done) => (lines.push(String(chunk)), done()) });
  const log = pino({ ...createLogRedaction(stdSerializers.err) }, out).child({ invocationId: 'i' });
  log.info({ cookie: 's3cret' }, 'to redis://u:s3cret@h');
  log.error(new Error('Basic s3cret-text'));
  log.error({ err: Object.assign(new TypeError('x'), { token: 's3cret' }) }, 'failed');
  log.warn('plain Bearer s3cret');
  expect(lines.join('')).not.toContain('s3cret');
  expect(JSON.parse(lines[2] ?? '')).toMatchObject({ msg: 'failed', err: { type: 'TypeError', token: '***' } });
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ invocationId: 'i', msg: 'to redis://***@h' });
});
