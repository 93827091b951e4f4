import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createEgress, type Egress } from './egress.ts';

const egressOf = (allow: string[] = [], addresses: string[] = [], allowPrivate = false): Egress => {
  const lookup = ((_host: string, options: { all?: boolean }, callback: (...args: unknown[]) => void) => {
    const all = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (options.all) callback(null, all);
    else callback(null, all[0]?.address, all[0]?.family);
  }) as LookupFunction;
  return createEgress({ id: 'http.api', baseUrl: 'https://api.example.com/v1', allow, allowPrivate, lookup });
};
const resolved = (egress: Egress, host: string, all: boolean): Promise<string | LookupAddress[]> =>
  new Promise((resolve, reject) => {
    egress.lookup(host, { all }, (error, found) => (error ? reject(error) : resolve(found)));
  });
const denied = expect.objectContaining({ code: 'PERMISSION_DENIED', reason: 'egress-denied' }) as Error;

describe('hosts', () => {
  it('are allowed by name, on the usual ports unless another one is named', () => {
    const egress = egressOf(['other.example.com', 'odd.example.com:8443']);
    expect(egress.resolve('http://OTHER.example.com/x').href).toBe('http://other.example.com/x');
    expect(egress.resolve('https://other.example.com/x').href).toBe('https://other.example.com/x');
    expect(egress.resolve('https://odd.example.com:8443/').port).toBe('8443');
    expect(() => egress.resolve('https://other.example.com:8443/')).toThrow(denied);
    expect(() => egress.resolve('https://odd.example.com/')).toThrow(denied);
  });
  it('are allowed by domain, which is not a host of it', () => {
    const egress = egressOf(['*.example.org']);
    expect(egress.resolve('https://a.b.example.org/').host).toBe('a.b.example.org');
    for (const url of ['https://example.org/', 'https://evilexample.org/', 'https://example.org.evil.com/'])
      expect(() => egress.resolve(url)).toThrow(denied);
  });
  it('of the base URL keep their scheme', () => {
    expect(() => egressOf().resolve('http://api.example.com/v1/x')).toThrow(denied);
    expect(() => egressOf().follow(new URL('https://api.example.com/v1/x'), 'http://api.example.com/v1/x')).toThrow(
      denied,
    );
  });
  it('are never addresses that are private, be they allowed', () => {
    expect(() => egressOf(['10.0.0.1']).resolve('http://10.0.0.1/')).toThrow(denied);
    expect(() => egressOf(['::1']).resolve('http://[::1]/')).toThrow(denied);
    expect(egressOf(['10.0.0.1'], [], true).resolve('http://10.0.0.1/').host).toBe('10.0.0.1');
    expect(egressOf(['1.1.1.1']).resolve('http://1.1.1.1/').host).toBe('1.1.1.1');
  });
});

describe('connections', () => {
  it('are refused where a name resolves to a private address at that moment', async () => {
    for (const all of [true, false]) {
      await expect(resolved(egressOf([], ['10.0.0.1']), 'rebound.example.com', all)).rejects.toEqual(denied);
      await expect(resolved(egressOf([], ['::ffff:127.0.0.1']), 'rebound.example.com', all)).rejects.toEqual(denied);
    }
    await expect(resolved(egressOf([], ['1.1.1.1', '127.0.0.1']), 'mixed.example.com', true)).rejects.toEqual(denied);
  });
  it('are made to public addresses, and wherever the base URL’s own host is', async () => {
    expect(await resolved(egressOf([], ['1.1.1.1']), 'public.example.com', false)).toBe('1.1.1.1');
    expect(await resolved(egressOf([], ['10.0.0.1']), 'api.example.com', false)).toBe('10.0.0.1');
    expect(await resolved(egressOf([], ['10.0.0.1'], true), 'inner.example.com', false)).toBe('10.0.0.1');
  });
});

describe('redirects', () => {
  const from = new URL('https://api.example.com/v1/a');
  it('may lead anywhere on the base URL’s origin', () => {
    expect(egressOf().follow(from, '/login').href).toBe('https://api.example.com/login');
  });
  it('lose credentials and fragments', () => {
    expect(egressOf().follow(from, 'https://u:p@api.example.com/x#y').href).toBe('https://api.example.com/x');
  });
  it('are refused to other hosts and schemes', () => {
    for (const to of ['//evil.com/', 'https://evil.com/', 'ftp://api.example.com/', 'javascript:alert(1)'])
      expect(() => egressOf().follow(from, to)).toThrow(denied);
    expect(() => egressOf().follow(from, 'http://[')).toThrow(expect.objectContaining({ reason: 'bad-redirect' }));
  });
});
