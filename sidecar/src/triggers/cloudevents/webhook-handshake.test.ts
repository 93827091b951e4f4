import { describe, expect, it } from 'vitest';
import type { ProtocolRequest } from '../../layer.ts';
import { answerHandshake } from './webhook-handshake.ts';

const request = (headers: Record<string, string>) =>
  ({ header: (name: string) => headers[name] }) as unknown as ProtocolRequest;
const from = (origin: string) => request({ 'webhook-request-origin': origin });

describe('the webhook handshake', () => {
  it('names the origin that may send', () => {
    const { status, headers } = answerHandshake(from('pay.example.com'), ['*.example.com', 'other.org']);
    expect(status).toBe(200);
    expect(headers).toEqual(['allow', 'OPTIONS, POST', 'webhook-allowed-origin', 'pay.example.com']);
  });
  it('refuses an origin that may not', () => {
    for (const origin of ['evil.org', 'example.com.evil.org', '']) {
      expect(() => answerHandshake(from(origin), ['*.example.com'])).toThrow('may not send events');
    }
  });
  it('allows any rate to whoever asks for one', () => {
    const asking = request({ 'webhook-request-origin': 'a', 'webhook-request-rate': '10' });
    expect(answerHandshake(asking, ['*']).headers.slice(2)).toEqual([
      'webhook-allowed-origin',
      '*',
      'webhook-allowed-rate',
      '*',
    ]);
  });
});
