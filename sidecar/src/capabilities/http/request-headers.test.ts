import type { CallContext } from '@bottle/capabilities';
import { describe, expect, it } from 'vitest';
import { answerHeaders, withCallHeaders, withInjected, withoutBodyHeaders, withoutPrivate } from './request-headers.ts';

const call = { traceparent: '00-1-2-01', baggage: 'tenant=a' } as CallContext;

describe('the headers of a request', () => {
  it('carry the trace and the baggage of the call', () => {
    expect(withCallHeaders([], call)).toEqual(
      expect.arrayContaining(['traceparent', '00-1-2-01', 'baggage', 'tenant=a', 'accept', '*/*']),
    );
    const own = withCallHeaders(['traceparent', 'own', 'Accept', 'text/x'], call);
    expect(own.slice(0, 4)).toEqual(['traceparent', 'own', 'accept', 'text/x']);
    expect(own).not.toContain('00-1-2-01');
  });
  it('lose what concerns one connection, and what the connection field names', () => {
    const given = [
      'Connection',
      'close, X-Hop',
      'x-hop',
      '1',
      'te',
      'trailers',
      'transfer-encoding',
      'chunked',
      'host',
      'evil',
      'expect',
      '100-continue',
      'x-own',
      '1',
    ];
    const sent = withCallHeaders(given, call);
    for (const name of ['connection', 'x-hop', 'te', 'transfer-encoding', 'host', 'expect'])
      expect(sent).not.toContain(name);
    expect(sent.slice(0, 2)).toEqual(['x-own', '1']);
  });
  it('keep their repeats', () => {
    expect(withCallHeaders(['x', '1', 'x', '2'], call).slice(0, 4)).toEqual(['x', '1', 'x', '2']);
  });
  it('get the operator’s in place of the function’s, and lose them on the way to another host', () => {
    const injected = { 'X-Api-Key': 'secret' };
    const sent = withInjected(['x-api-key', 'mine', 'x', '1', 'cookie', 'c'], injected);
    expect(sent).toEqual(['x', '1', 'cookie', 'c', 'X-Api-Key', 'secret']);
    expect(withoutPrivate(sent, injected)).toEqual(['x', '1']);
  });
  it('say nothing of a body that is not sent', () => {
    expect(withoutBodyHeaders(['content-type', 'a', 'content-length', '1', 'x', '1'])).toEqual(['x', '1']);
  });
});

it('the headers of an answer keep their repeats and lose what concerned the connection', () => {
  const headers = { 'set-cookie': ['a=1', 'b=2'], connection: 'close', 'transfer-encoding': 'chunked', x: '1' };
  expect(answerHeaders(headers)).toEqual(['set-cookie', 'a=1', 'set-cookie', 'b=2', 'x', '1']);
});
