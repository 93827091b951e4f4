// Requests that two servers in a row might read differently. Each is sent as bytes, with a second request behind it that
// only a server that read it wrongly would see.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { json } from '../harness/json.ts';
import { TestPod } from '../harness/pod.ts';
import { rawHttp } from '../harness/raw-http.ts';

const SMUGGLED = 'GET /secret HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
const CHUNKED = 'Transfer-Encoding: chunked';

let pod: TestPod;
beforeAll(async () => {
  pod = await TestPod.start({ project: 'intruder' });
});
afterAll(() => pod.end());

const request = (lines: readonly string[], body = '', start = 'POST /inspect HTTP/1.1'): string =>
  [start, 'Host: a', ...lines, '', body].join('\r\n');
const send = (bytes: string): Promise<string> => rawHttp(pod.port, [Buffer.from(bytes, 'latin1')]);
const inspected = async (): Promise<number> => Number((await json(fetch(`${pod.url}/inspect`)))['inspected']);

describe('lengths that contradict each other', () => {
  it.each([
    ['Content-Length and Transfer-Encoding', ['Content-Length: 4', CHUNKED], '0\r\n\r\n'],
    ['Transfer-Encoding and Content-Length', [CHUNKED, 'Content-Length: 4'], '0\r\n\r\n'],
    ['two different Content-Lengths', ['Content-Length: 4', 'Content-Length: 5'], 'abcd'],
    ['two equal Content-Lengths', ['Content-Length: 4', 'Content-Length: 4'], 'abcd'],
    ['a list of Content-Lengths', ['Content-Length: 4, 4'], 'abcd'],
    ['a signed Content-Length', ['Content-Length: +4'], 'abcd'],
    ['a negative Content-Length', ['Content-Length: -1'], 'abcd'],
    ['a hexadecimal Content-Length', ['Content-Length: 0x4'], 'abcd'],
    ['a Content-Length beyond all numbers', ['Content-Length: 99999999999999999999'], 'abcd'],
    ['chunked before another coding', ['Transfer-Encoding: chunked, identity'], '0\r\n\r\n'],
    ['another coding before chunked', ['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n'],
    ['chunked twice', [CHUNKED, CHUNKED], '0\r\n\r\n'],
    ['an unknown coding', ['Transfer-Encoding: xchunked'], '0\r\n\r\n'],
    ['a quoted coding', ['Transfer-Encoding: "chunked"'], '0\r\n\r\n'],
    ['a blank before the colon', ['Transfer-Encoding : chunked'], '0\r\n\r\n'],
    ['a folded Transfer-Encoding', ['Transfer-Encoding:\r\n chunked'], '0\r\n\r\n'],
  ])('refuses %s, and reads nothing behind it', async (_name, lines, body) => {
    const before = await inspected();
    const answer = await send(request(lines, body) + SMUGGLED);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
    expect(answer).not.toContain('the secret function');
    expect(await inspected()).toBe(before + 1); // this one, and none of them
  });
});

describe('chunks', () => {
  it.each([
    ['a line that ends with LF alone', '4\nabcd\r\n0\r\n\r\n'],
    ['an extension that ends with LF alone', '4;\nabcd\r\n0\r\n\r\n'],
    ['a size beyond all numbers', 'FFFFFFFFFFFFFFFFF\r\nabcd\r\n0\r\n\r\n'],
    ['a size with 0x', '0x4\r\nabcd\r\n0\r\n\r\n'],
    ['a negative size', '-4\r\nabcd\r\n0\r\n\r\n'],
    ['a size with a blank before it', ' 4\r\nabcd\r\n0\r\n\r\n'],
    ['more data than the size', '4\r\nabcdXX\r\n0\r\n\r\n'],
    ['endless extensions', `4;${'x'.repeat(64 * 1024)}\r\nabcd\r\n0\r\n\r\n`],
    ['a length in the trailer', '2\r\n{}\r\n0\r\nContent-Length: 5\r\n\r\n'],
  ])('refuses %s', async (_name, body) => {
    const answer = await send(request([CHUNKED], body) + SMUGGLED);
    expect(answer).toMatch(/HTTP\/1\.1 400 /);
    expect(answer).not.toContain('the secret function');
  });
  it('ignores extensions, and fields of the trailer', async () => {
    const body = '2;a=b\r\n{}\r\n0\r\nX-Bottle-Caller: evil\r\nX-Role: admin\r\n\r\n';
    const answer = await send(request([CHUNKED, 'Content-Type: application/json', 'Connection: close'], body));
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).not.toContain('evil');
    expect(answer).not.toContain('x-role');
  });
});

describe('heads', () => {
  const head = (text: string): string => text.replaceAll('|', '\r\n');
  it.each([
    ['bare LF', 'GET /inspect HTTP/1.1\nHost: a\n\n'],
    ['LF inside a field', head('GET /inspect HTTP/1.1|Host: a|X-A: 1\nX-B: 2||')],
    ['CR inside a field', head('GET /inspect HTTP/1.1|Host: a|X-A: 1\rX-B: 2||')],
    ['NUL inside a field', head('GET /inspect HTTP/1.1|Host: a|X-A: 1\0||')],
    ['a folded field', head('GET /inspect HTTP/1.1|Host: a|X-A: 1| X-B: 2||')],
    ['a blank in a name', head('GET /inspect HTTP/1.1|Host: a|X A: 1||')],
    ['a field without a name', head('GET /inspect HTTP/1.1|Host: a|: 1||')],
    ['a blank before the first field', head('GET /inspect HTTP/1.1| Host: a||')],
    ['a blank in the target', head('GET /inspect now HTTP/1.1|Host: a||')],
    ['a byte over 127 in the target', head('GET /inspect\xff HTTP/1.1|Host: a||')],
    ['a fragment', head('GET /inspect#/../secret HTTP/1.1|Host: a||')],
    ['HTTP/0.9', head('GET /inspect||')],
    ['HTTP/1.2', head('GET /inspect HTTP/1.2|Host: a||')],
    ['the preface of HTTP/2', head('PRI * HTTP/2.0||SM||')],
    ['no Host', head('GET /inspect HTTP/1.1||')],
    ['two Hosts', head('GET /hosted HTTP/1.1|Host: shop.example.com|Host: b||')],
    ['a Host that is none', head('GET /hosted HTTP/1.1|Host: shop.example.com/x@b||')],
    ['a target that is no path', head('GET secret HTTP/1.1|Host: a||')],
    ['an authority with credentials', head('GET http://a@shop.example.com/hosted HTTP/1.1|Host: b||')],
  ])('refuses %s with 400 and closes', async (_name, bytes) => {
    const answer = await send(bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer.toLowerCase()).toContain('connection: close');
    expect(answer.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
  });
  it('routes a target with an authority by that, whatever Host says, and shows it to the function', async () => {
    const close = 'Connection: close\r\n\r\n';
    const ask = (target: string, host: string): Promise<string> =>
      send(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${close}`);
    expect(await ask('http://shop.example.com/hosted', 'b')).toContain('the shop');
    expect(await ask('http://b/hosted', 'shop.example.com')).toMatch(/^HTTP\/1\.1 404 /);
    const seen = await ask('http://b:81/inspect?a=1', 'shop.example.com');
    expect(seen).toContain('"url":"/inspect?a=1"');
    expect(seen).not.toContain('shop.example.com');
  });
  it('has no tunnel, and an upgrade is an ordinary request', async () => {
    const tunnel = await send(`CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n${SMUGGLED}`);
    expect(tunnel).toMatch(/^HTTP\/1\.1 501 /);
    expect(tunnel.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
    const upgrade = request(
      ['Upgrade: h2c', 'Connection: Upgrade, close', 'HTTP2-Settings: AAMAAABkAAQAAP__'],
      '',
      'GET /secret HTTP/1.1',
    );
    expect(await send(upgrade)).toMatch(/^HTTP\/1\.1 200 /);
  });
  it('breaks off a response when nonsense follows, instead of writing another one into it', async () => {
    const answer = await rawHttp(pod.port, ['GET /drip HTTP/1.1\r\nHost: a\r\n\r\n', 'nonsense\r\n\r\n'], {
      pauseMs: 300,
    });
    expect(answer).toContain('drop 1');
    expect(answer).not.toContain('drop 19');
    expect(answer.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
  });
  it('takes the body of a GET as its body, and runs a request once', async () => {
    const before = await inspected();
    const lines = [`Content-Length: ${SMUGGLED.length}`, 'Connection: close'];
    const answer = await send(request(lines, SMUGGLED, 'GET /inspect HTTP/1.1'));
    expect(answer.match(/HTTP\/1\.1 200/g)).toHaveLength(1);
    expect(answer).not.toContain('the secret function');
    expect(await inspected()).toBe(before + 2);
  });
});
